/** Hands instruction files to the agent, as an event: at the beginning of a run, and when it touches files of a folder that has its own. */
import type { Event } from '#contract/events.ts';
import type { AgentFile, SkillFile } from '#contract/instructions.ts';
import type { KindBook } from '#core/agents/book.ts';
import { shownKind } from '#core/agents/find.ts';
import { kindList } from '#core/agents/words.ts';
import type { SkillBook } from '#core/skills/book.ts';
import { shown } from '#core/skills/find.ts';
import { nearbyList, skillList } from '#core/skills/words.ts';
import type { Store } from '#core/store/event-log.ts';
import { type Gathered, gatherAtStart, gatherNearby, type Sources, type Waiting } from './gather.ts';
import { createNearby } from './nearby.ts';
import { instructionWords } from './words.ts';

type Loaded = Extract<Event, { type: 'instructions.loaded' }>;

/** Of one session. */
export interface HandOver {
  /** Takes the run's events, oldest first. */
  apply(event: Event): void;
  /** Commits what counts for the files touched since the last call; nothing when nothing does. */
  catchUp(): Promise<void>;
}

/** Whom the run may have work for it. */
export interface Hired {
  kinds: KindBook;
  /** The model that it may ask for advice; null: none. */
  advisor: string | null;
}

/** What counts from the beginning and the list of skills, as an event. The rules that it gives wait for files that they are about. */
export async function handOverAtStart(
  store: Store,
  run: string,
  sources: Sources,
  book: Pick<SkillBook, 'find'>,
  hired?: Hired,
): Promise<Waiting[]> {
  const [gathered, found, kinds] = await Promise.all([gatherAtStart(sources), book.find(), hired?.kinds.find()]);
  const problems = [...gathered.problems, ...found.problems, ...(kinds?.problems ?? [])];
  commit(
    store,
    run,
    'start',
    { ...gathered, problems },
    { files: found.skills.map(shown), list: skillList(found.skills) },
    {
      list: kindList(kinds?.kinds ?? []),
      ...(kinds ? { agents: kinds.kinds.map(shownKind) } : {}),
      ...(hired?.advisor ? { advisor: hired.advisor } : {}),
    },
  );
  return gathered.waiting;
}

/** `known` null: this go has not looked yet, and looks when it first matters. `skills`: left out, none are found on the way. */
export function createHandOver(
  store: Store,
  run: string,
  sources: Sources,
  known: Waiting[] | null,
  skills?: Pick<SkillBook, 'near'>,
): HandOver {
  const nearby = createNearby();
  /** With the turn after which each was told: what is left behind is not known any more. */
  const given = new Map<string, number>();
  const listed = new Map<string, number>();
  let skilled = false;
  let turn = 0;
  let waiting = known;
  if (waiting) nearby.expect(waiting);
  function takeIn({ files, problems, skills: told = [], occasion }: Loaded): void {
    for (const { path } of [...files, ...problems]) given.set(path, turn);
    for (const { name, calledBy } of told) {
      listed.set(name, turn);
      skilled ||= occasion === 'start' && calledBy.includes('agent');
    }
  }

  return {
    apply(event) {
      nearby.apply(event);
      if (event.type === 'instructions.loaded') takeIn(event);
      else if (event.type === 'message.finished') turn = event.turn;
      else if (event.type === 'history.rewound') {
        nearby.forget();
        for (const known of [given, listed])
          for (const [name, after] of known) if (after > event.turn) known.delete(name);
      }
    },
    async catchUp() {
      if (!nearby.touched()) return;
      if (!waiting) {
        waiting = (await gatherAtStart(sources)).waiting;
        nearby.expect(waiting);
      }
      const { folders, rules } = nearby.take();
      if (folders.length + rules.length === 0) return;
      const { pieces, problems } = await gatherNearby(sources, folders, rules);
      const fresh = pieces.filter(({ path }) => !given.has(path));
      const near = skills && folders.length > 0 ? await skills.near(folders) : { skills: [], problems: [] };
      const more = near.skills.filter(({ name }) => !listed.has(name));
      const amiss = [...problems, ...near.problems].filter(({ path }) => !given.has(path));
      if (fresh.length + amiss.length + more.length === 0) return;
      const list = nearbyList(more, skilled);
      commit(store, run, 'files', { pieces: fresh, problems: amiss }, { files: more.map(shown), list });
    },
  };
}

function commit(
  store: Store,
  run: string,
  occasion: 'start' | 'files',
  { pieces, problems }: Pick<Gathered, 'pieces' | 'problems'>,
  skills: { files: SkillFile[]; list: string } = { files: [], list: '' },
  { list, ...hired }: { list: string; agents?: AgentFile[]; advisor?: string } = { list: '' },
): void {
  const files = pieces.map(({ body: _, ...file }) => file);
  const text = [instructionWords(pieces, occasion === 'files'), skills.list, list].filter(Boolean).join('\n\n');
  const callable = skills.files.length > 0 ? { skills: skills.files } : {};
  store.commit((writer) =>
    writer.append({ type: 'instructions.loaded', run, occasion, files, problems, text, ...callable, ...hired }),
  );
}
