/** Who of a crew is at work, who waits for whom, and the moment at which nobody can go on. */

/** How the work of one of them ended for now. */
export type JobEnd<Q> =
  | { kind: 'ended' }
  /** Waits for an answer, and nobody else could go on either. */
  | { kind: 'question'; question: Q }
  /** Was told to begin nothing more. */
  | { kind: 'paused' }
  | { kind: 'broken'; error: unknown };

export interface Place {
  /** Others that it waits for. */
  waits: number;
  /** It waits for something outside of the crew: goes on, or gives up because nobody else can go on. */
  standing: ((how: 'again' | 'rest') => void) | null;
}

interface Job<Q> {
  place: Place;
  end: Promise<JobEnd<Q>>;
  /** Called as it ends, before anybody else can see that it has. */
  ended: Set<() => void>;
  leaveSlot(): void;
  takeSlot(): Promise<void>;
}

export interface Running<Q> {
  /** Of the run's own session. */
  readonly lead: Place;
  /** Begins the work of `id` unless it is at work. `counts`: it takes one of the slots. */
  begin(id: string, counts: boolean, work: (place: Place) => Promise<JobEnd<Q>>): void;
  working(id: string): boolean;
  /** Null, at once: `id` is not at work, or `signal` says not to wait. */
  wait(who: Place, id: string, signal?: AbortSignal): Promise<JobEnd<Q> | null>;
  /** Until one of `ids` is not at work any more, or `signal` says not to wait. */
  any(who: Place, ids: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Waits for `event`, which calls its argument when it has come and gives back how to leave it alone; null: for nothing.
   * `rest`: nobody else can go on.
   */
  stand(id: string, event: ((come: () => void) => () => void) | null): Promise<'again' | 'rest'>;
  /** Whoever stands gives up; or `id` alone. */
  release(): void;
  nudge(id: string): void;
  /** Until nobody is at work. */
  over(): Promise<void>;
}

/** `slots`: how many are at work at once. */
export function createRunning<Q>(slots: number): Running<Q> {
  const lead: Place = { waits: 0, standing: null };
  const jobs = new Map<string, Job<Q>>();
  const queue: (() => void)[] = [];
  let free = slots;

  const take = () =>
    new Promise<void>((resolve) => {
      if (free > 0) {
        free--;
        resolve();
      } else queue.push(resolve);
    });
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else free++;
  };

  function release(): void {
    for (const { place } of jobs.values()) place.standing?.('rest');
  }

  /** Somebody may have been the last one who could go on. */
  function look(): void {
    const still = ({ waits, standing }: Place) => waits > 0 || standing !== null;
    if (still(lead) && [...jobs.values()].every(({ place }) => still(place))) release();
  }

  const any = (who: Place, ids: readonly string[], signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wanted = ids.flatMap((id) => jobs.get(id) ?? []);
      if (wanted.length === 0 || signal?.aborted) return resolve();
      who.waits++;
      const done = () => {
        for (const { ended } of wanted) ended.delete(done);
        signal?.removeEventListener('abort', done);
        who.waits--;
        resolve();
      };
      for (const { ended } of wanted) ended.add(done);
      signal?.addEventListener('abort', done);
      look();
    });

  return {
    lead,
    release,
    nudge: (id) => jobs.get(id)?.place.standing?.('rest'),
    working: (id) => jobs.has(id),
    begin(id, counts, work) {
      if (jobs.has(id)) return;
      const place: Place = { waits: 0, standing: null };
      const nothing = async () => {};
      const job: Job<Q> = {
        ...{ place, ended: new Set<() => void>(), end: Promise.resolve({ kind: 'paused' as const }) },
        leaveSlot: counts ? leave : () => {},
        takeSlot: counts ? take : nothing,
      };
      jobs.set(id, job);
      job.end = (async (): Promise<JobEnd<Q>> => {
        await job.takeSlot();
        let end: JobEnd<Q>;
        try {
          end = await work(place);
        } catch (error) {
          end = { kind: 'broken', error };
        }
        job.leaveSlot();
        jobs.delete(id);
        for (const tell of job.ended) tell();
        look();
        return end;
      })();
    },
    async wait(who, id, signal) {
      const job = jobs.get(id);
      if (!job) return null;
      await any(who, [id], signal);
      // What was just finished is not lost over the signal.
      return jobs.get(id) === job ? null : await job.end;
    },
    any,
    async stand(id, event) {
      const job = jobs.get(id);
      if (!job) return 'rest';
      job.leaveSlot();
      let forget = () => {};
      const how = await new Promise<'again' | 'rest'>((resolve) => {
        job.place.standing = resolve;
        if (event) forget = event(() => resolve('again'));
        look();
      });
      forget();
      // Until it has its slot again it is about to go on.
      job.place.standing = null;
      await job.takeSlot();
      return how;
    },
    async over() {
      while (jobs.size > 0) await Promise.all([...jobs.values()].map(({ end }) => end));
    },
  };
}
