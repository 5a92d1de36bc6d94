/** One go of a session, from a prompt to a result: the app's own session, gate, workplace and purse, told as it happens. */
import type { Delta } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { Hands } from '#core/ports.ts';
import { createAgent, sessionEvents } from '#core/session/agent.ts';
import type { SessionEnd } from '#core/session/parts.ts';
import { openWorkplace, type Workplace } from '#core/supervisor/workplace.ts';
import type { OwnTools } from '#core/tools/toolbox.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { findGitDirectory } from '#host/sandbox/find-git.ts';
import type { AgentEvent, AgentResult, AgentRun, Decision } from './agent.ts';
import type { Ground } from './ground.ts';
import { withOwnTools } from './judge.ts';
import type { Wanted } from './options.ts';

export interface GoParts {
  ground: Ground;
  wanted: Wanted;
  tools: OwnTools;
  /** Names of tools that run in the embedding program. */
  ours: ReadonlySet<string>;
  system: string;
}

/** `prompt` null: goes on where it stopped. Begins at once, whoever listens. */
export function startGo(parts: GoParts, session: string, prompt: string | null, outer?: AbortSignal): AgentRun {
  const { store } = parts.ground;
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const after = store.events({ after: 0, run: session, limit: Number.MAX_SAFE_INTEGER }).at(-1)?.seq ?? 0;
  let last = after;
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && 'run' in item.event && item.event.run === session) last = item.event.seq;
  });
  let over = false;
  const result = go(parts, session, prompt, signal).finally(() => {
    deaf();
    over = true;
  });
  // Whoever only iterates hears of a failure there.
  result.catch(() => {});

  async function* events(): AsyncGenerator<AgentEvent> {
    const leaving = new AbortController();
    let told = after;
    const leaveWhenTold = () => void (told >= last && leaving.abort());
    result.then(leaveWhenTold, leaveWhenTold);
    try {
      for await (const item of listen(parts, session, after, leaving.signal)) {
        if (item.type !== 'delta') told = item.seq;
        yield item;
        if (over && told >= last) break;
      }
    } finally {
      leaving.abort();
    }
    await result;
  }
  return { session, result, stop: () => stop.abort(), [Symbol.asyncIterator]: events };
}

async function* listen(
  { ground: { store } }: GoParts,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent> {
  for await (const item of sessionEvents(store, run, after, signal))
    if ('kind' in item) yield toldAs(item);
    else yield item;
}

function toldAs({ agent, turn, channel, text }: Delta): AgentEvent {
  return { type: 'delta', ...(agent === undefined ? {} : { agent }), turn, channel, text };
}

async function go(parts: GoParts, run: string, prompt: string | null, signal: AbortSignal): Promise<AgentResult> {
  const { ground, wanted, tools, ours, system } = parts;
  const { store, clock, ids, purse, model, fallback, seenAt, rules, settingsOf } = ground;
  const { spec } = wanted;
  let end: SessionEnd | 'stopped';
  let place: { hands: Hands; broken: AbortSignal } | undefined;
  try {
    signal.throwIfAborted();
    place = wanted.directory === null ? nowhere : await workplace(ground, wanted, wanted.directory, run, signal);
    const { judge } = await rules.load(spec, settingsOf, wanted.directory ?? settingsOf, () => [], seenAt);
    const agent = createAgent({
      ...{ store, clock, ids, purse, model, fallback, seenAt, own: tools, system, run, spec },
      judge: withOwnTools(judge, ours, spec.permissionMode),
      hands: place.hands,
      signal: AbortSignal.any([signal, place.broken]),
    });
    if (prompt !== null) agent.say(prompt);
    end = await decided(parts, () => agent.work(), signal);
  } catch (error) {
    if (!signal.aborted) throw place?.broken.aborted ? place.broken.reason : namingTool(error, tools);
    end = 'stopped';
  } finally {
    await place?.hands.close();
  }
  return resultOf(ground, run, end);
}

/** The API tells a tool that it refuses by its number. */
function namingTool(error: unknown, { all }: OwnTools): unknown {
  if (!(error instanceof Fault)) return error;
  const [, number = ''] = /\btools\.(\d+)\b/.exec(error.message) ?? [];
  const refused = number === '' ? undefined : all[Number(number)];
  if (!refused) return error;
  return new Fault(error.code, `The API refuses the tool ${JSON.stringify(refused.name)}. ${error.message}`, {
    field: `tools[${number}]`,
    cure: 'Describe the input of that tool in simpler terms, or leave the tool out.',
    cause: error,
  });
}

/** Asks the program what must be asked, as often as it comes to that. */
async function decided(
  { ground: { questions }, wanted: { options } }: GoParts,
  work: () => Promise<SessionEnd>,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const { ask } = options;
  for (;;) {
    const end = await work();
    if (end.kind !== 'parked' || typeof ask !== 'function') return end;
    const question = questions.get(end.question);
    answer(questions, question, await ask(question, signal));
    signal.throwIfAborted();
  }
}

/** Throws `conflict` for a question that is not open any more. */
export function answer(questions: Ground['questions'], { id, bind }: Question, decision: Decision): void {
  const { approve, note } = typeof decision === 'boolean' ? { approve: decision } : decision;
  const more = note === undefined ? {} : { note };
  questions.answer([{ question: id, bind, decision: approve ? 'approve' : 'deny', ...more }], 'terminal');
}

const noHands: Hands = {
  enforced: [],
  call: () => Promise.reject(new Error('an agent without a sandbox has no tool that works in one')),
  close: async () => {},
};
const nowhere = { hands: noHands, broken: new AbortController().signal };

/** The app's own, in a folder as it is instead of a worktree that would have to be made. */
async function workplace(
  { store, clock, sandbox }: Ground,
  { options, spec }: Wanted,
  directory: string,
  run: string,
  signal: AbortSignal,
): Promise<Workplace> {
  const gitDirectory = await findGitDirectory(directory);
  const access = options.sandbox?.access;
  const here = {
    ...sandbox,
    launch: (of: Parameters<typeof sandbox.launch>[0]) =>
      sandbox.launch({ ...of, gitDirectory, ...(access ? { access } : {}) }),
  };
  const repositories = { ...createRepositories(), addWorktree: async () => 'kept' as const };
  const repo = { root: directory, gitDirectory: gitDirectory ?? '' };
  const site = { repo, branch: '', base: '', start: null, directory };
  return await openWorkplace(
    { store, clock, sandbox: here, repositories, checkouts: '' },
    ...([run, spec, site, signal, async () => []] as const),
  );
}

function resultOf({ store, questions }: Ground, session: string, end: SessionEnd | 'stopped'): AgentResult {
  const run = store.read.run(session);
  if (!run) throw new Error(`session ${session} is unknown`);
  const { turns, toolCalls, usage, costMicros } = run;
  const so = { session, turns, toolCalls, usage, costDollars: costMicros / 1e6, text: '' };
  if (end === 'stopped') return { ...so, outcome: 'stopped' };
  switch (end.kind) {
    case 'finished':
      return { ...so, outcome: 'done', text: end.lastText };
    case 'limit': {
      const { code, message, cure } = end;
      return { ...so, outcome: 'limit', text: end.lastText, reason: { code, message, cure } };
    }
    case 'parked':
      return { ...so, outcome: 'parked', question: questions.get(end.question) };
    case 'held':
      return { ...so, outcome: 'held', until: end.until };
  }
}
