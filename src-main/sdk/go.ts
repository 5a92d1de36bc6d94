/** One go of a session, from a prompt to a result: the app's own session, gate, workplace and purse, told as it happens. */
import type { Delta } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createCrew } from '#core/agents/crew.ts';
import { createAgent, sessionEvents } from '#core/session/agent.ts';
import type { Lead } from '#core/session/crew.ts';
import type { SessionEnd, SessionParts } from '#core/session/parts.ts';
import { watchRun } from '#core/supervisor/auto-mode.ts';
import { pursue } from '#core/supervisor/pursue.ts';
import { openWorkplace, type Workplace } from '#core/supervisor/workplace.ts';
import type { OwnTools } from '#core/tools/toolbox.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { findGitDirectory } from '#host/sandbox/find-git.ts';
import type { AgentEvent, AgentResult, AgentRun, Decision } from './agent.ts';
import { aimOf } from './aim.ts';
import type { Ground } from './ground.ts';
import { createGuide, type Guide } from './guide.ts';
import { withOwnTools } from './judge.ts';
import type { Wanted } from './options.ts';
import type { Toolset } from './toolset.ts';
import { subagentSystem } from './words.ts';

export interface GoParts {
  ground: Ground;
  wanted: Wanted;
  toolset: Toolset;
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
  const { ground, wanted, toolset } = parts;
  const guide = createGuide(ground, wanted, toolset, run);
  let end: SessionEnd | 'stopped';
  let place: Workplace | undefined;
  try {
    signal.throwIfAborted();
    const gitDirectory = wanted.directory === null ? null : await findGitDirectory(wanted.directory);
    place =
      wanted.directory === null
        ? nowhere
        : await workplace(ground, wanted, wanted.directory, gitDirectory, run, signal, guide);
    await guide.begin();
    const session = await sessionOf(parts, guide, run, place, AbortSignal.any([signal, place.broken]));
    if (prompt !== null) createAgent(session).say(prompt);
    const aim = aimOf(ground, wanted, run, gitDirectory);
    const site = { repo: { root: wanted.directory ?? '/', gitDirectory: gitDirectory ?? '' }, ...noBranch(wanted) };
    const how = { site, own: ground.model, ready: place.ready, apart: place.hands.apart };
    end = await decided(parts, async () => (await pursue(aim, session, how)).end, signal);
  } catch (error) {
    if (!signal.aborted) throw place?.broken.aborted ? place.broken.reason : namingTool(error, toolset.tools);
    end = 'stopped';
  } finally {
    await place?.hands.close();
  }
  return resultOf(ground, run, end);
}

async function sessionOf(
  { ground, wanted, toolset: { tools, ours }, system }: GoParts,
  guide: Guide,
  run: string,
  { hands }: Workplace,
  signal: AbortSignal,
): Promise<SessionParts> {
  const { store, clock, ids, purse, models, model, fallback, resolve, seenAt, rules, settingsOf } = ground;
  const { spec, directory } = wanted;
  const { skills, kinds, sources, handOver } = guide;
  const { judge } = await rules.load(spec, settingsOf, directory ?? settingsOf, () => [], seenAt);
  const ruled = withOwnTools(judge, ours, spec.permissionMode);
  const session = {
    ...{ store, clock, ids, purse, model, fallback, seenAt, own: tools, system, run, spec, hands, signal },
    ...(await watchRun({ store, clock, purse, models, seenAt, of: 'program' }, run, spec, ruled, model)),
    ...(skills ? { skills } : {}),
  };
  const words = (body: string) => subagentSystem(wanted, seenAt, body);
  return {
    ...session,
    ...(handOver ? { handOver } : {}),
    ...(kinds ? { crew: (lead: Lead) => createCrew({ session, kinds, sources, resolve, system: words }, lead) } : {}),
  };
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

const noHands: Workplace['hands'] = {
  enforced: [],
  call: () => Promise.reject(new Error('an agent without a sandbox has no tool that works in one')),
  apart: (work) => work(),
  close: async () => {},
};
const nowhere: Workplace = { hands: noHands, broken: new AbortController().signal, ready: Promise.resolve() };

const noBranch = ({ directory }: Pick<Wanted, 'directory'>) => ({
  branch: '',
  base: '',
  start: null,
  directory: directory ?? '',
});

/** The app's own, in a folder as it is instead of a worktree that would have to be made. */
async function workplace(
  { store, clock, sandbox }: Ground,
  { options, spec }: Wanted,
  directory: string,
  gitDirectory: string | null,
  run: string,
  signal: AbortSignal,
  { skills }: Guide,
): Promise<Workplace> {
  const access = options.sandbox?.access;
  const here = {
    ...sandbox,
    launch: (of: Parameters<typeof sandbox.launch>[0]) =>
      sandbox.launch({ ...of, gitDirectory, ...(access ? { access } : {}) }),
  };
  const repositories = { ...createRepositories(), addWorktree: async () => 'kept' as const };
  const repo = { root: directory, gitDirectory: gitDirectory ?? '' };
  const site = { repo, ...noBranch({ directory }) };
  // Checks are of a goal here: nothing is to be shown as it was before.
  const unchecked: RoutineSpec = { ...spec, checks: [] };
  return await openWorkplace(
    { store, clock, sandbox: here, repositories, checkouts: '' },
    ...([run, unchecked, site, signal, async () => (await skills?.files()) ?? []] as const),
  );
}

function resultOf({ store, questions }: Ground, session: string, end: SessionEnd | 'stopped'): AgentResult {
  const run = store.read.run(session);
  if (!run) throw new Error(`session ${session} is unknown`);
  const { turns, toolCalls, usage, costMicros, goal } = run;
  const judged =
    goal && goal.verdict !== 'open'
      ? { verdict: goal.verdict, reason: goal.reason ?? '', quote: goal.quote, rounds: goal.rounds }
      : null;
  const so = {
    session,
    turns,
    toolCalls,
    usage,
    costDollars: costMicros / 1e6,
    text: '',
    ...(judged ? { goal: judged } : {}),
  };
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
