/** The hooks of one go: which of them run, on record before the first one does, and the moments around its session. */
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Hook } from '#contract/hooks.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { type FoundHooks, findHooks, shownHook } from '#core/hooks/find.ts';
import { createHooks, type FiredBy, type Hooks } from '#core/hooks/hooks.ts';
import { asksPerson, ends, isNo, prompted, starts } from '#core/hooks/moments.ts';
import { trustedAt } from '#core/hooks/trust.ts';
import type { Sources } from '#core/instructions/gather.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Hands } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

/** Reads them anew and records them. Throws `input` where the routine requires a yes that nobody has given. */
export async function loadHooks(
  store: Store,
  run: Run,
  spec: RoutineSpec,
  sources: Sources,
  signal: AbortSignal,
): Promise<FoundHooks> {
  const known = (root: string, hash: string) => trustedAt(store, root, hash);
  const found = await findHooks({ ...sources, trustedAt: known });
  // An attempt whose place another one took must not write any more.
  signal.throwIfAborted();
  const off = ({ layer, state }: Hook) => spec.hooks === 'off' && layer !== 'managed' && state !== 'off';
  const hooks = found.hooks.map((hook) => (off(shownHook(hook)) ? { ...hook, state: 'off' as const } : hook));
  if (hooks.length + found.problems.length === 0) return { ...found, hooks };
  const shown = hooks.map(shownHook);
  const untrusted = shown.filter(({ state }) => state === 'untrusted').length;
  const before = store.events({ after: 0, run: run.id, limit: Number.MAX_SAFE_INTEGER });
  const said = before.some((event) => event.type === 'hooks.loaded' && event.hooks.some(isUntrusted));
  store.commit((writer) => {
    writer.append({ type: 'hooks.loaded', run: run.id, hooks: shown, problems: found.problems });
    if (untrusted > 0 && !said && spec.hooks !== 'required')
      writer.append({
        type: 'alert.raised',
        about: run.id,
        routine: run.routine,
        text: untrustedWords(sources.repo.root, untrusted),
      });
  });
  if (untrusted > 0 && spec.hooks === 'required')
    throw new Fault(
      'input',
      `The routine requires the hooks of ${sources.repo.root}, and nobody has said yes to them as they are now.`,
      {
        field: 'hooks',
        cure: `Look at them and say yes: nightshift hooks list --repository ${sources.repo.root}`,
      },
    );
  return { ...found, hooks };
}

const isUntrusted = ({ state }: Hook) => state === 'untrusted';

function untrustedWords(root: string, count: number): string {
  const [what, them] = count === 1 ? ['A hook', 'it'] : [`${count} hooks`, 'them'];
  return `${what} of ${root} did not run, because nobody has said yes to ${them} as ${count === 1 ? 'it is' : 'they are'} now. Look at ${them} with: nightshift hooks list --repository ${root}`;
}

interface Session {
  store: Store;
  run: string;
  spec: RoutineSpec;
  hands: Hands;
  inspect: Inspect;
  seenAt: string;
  machine: InstructionFiles;
}

/** Undefined where none is to be run. */
export function hooksOf(session: Session, { hooks, scripts }: FoundHooks): Hooks | undefined {
  const { spec, machine } = session;
  const running = hooks.filter(({ state }) => state === 'runs');
  if (running.length === 0) return undefined;
  return createHooks({
    ...session,
    pattern: machine.pattern ?? ((source, text) => new RegExp(source).test(text)),
    permissionMode: spec.permissionMode,
    effort: spec.effort,
    hooks: running,
    scripts,
  });
}

/**
 * The run is taken up again, in a sandbox of its own, maybe to answer what a person said. Throws `input` where a hook does
 * not let these words pass.
 */
export async function takenUp(store: Store, id: string, hooks: Hooks | undefined, signal: AbortSignal): Promise<void> {
  if (!hooks) return;
  const events = store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
  const { turns, model } = store.read.run(id) as Run;
  await hooks.fire(starts(turns, 'resume', model ?? ''), { store, signal });
  const said = unanswered(events);
  if (said !== '') await mayBeSaid(hooks, turns, said, { store, signal });
}

/** Throws `input` where a hook says no. */
export async function mayBeSaid(hooks: Hooks, turn: number, prompt: string, by: FiredBy): Promise<void> {
  const fired = await hooks.fire(prompted(turn, prompt), by);
  if (!isNo(fired)) return;
  throw new Fault('input', `A hook does not let the prompt pass: ${fired.reason}`, {
    field: 'prompt',
    cure: 'Change the prompt, or the hook; the run’s page names it.',
  });
}

/** What a person has said since the last answer. */
function unanswered(events: readonly Event[]): string {
  const last = events.findLastIndex(({ type, agent }) => type === 'message.finished' && agent === undefined);
  return events
    .slice(last + 1)
    .flatMap((event) => (event.type === 'message.added' && event.from === 'person' ? [event.text] : []))
    .join('\n\n');
}

/** The go is over, or the run waits for a person. Nobody waits for hooks that hang; what they say changes nothing. */
export async function leaves(
  store: Store,
  id: string,
  hooks: Hooks | undefined,
  how: { kind: string; question?: string },
  signal: AbortSignal,
): Promise<void> {
  if (!hooks || signal.aborted) return;
  const { turns } = store.read.run(id) as Run;
  if (how.kind === 'parked') {
    const why = how.question === undefined ? undefined : store.read.question(how.question)?.why;
    await hooks.fire(asksPerson(turns, why ?? 'A run waits for your answer.'), { store, signal });
  } else if (how.kind !== 'held') await hooks.fire(ends(turns, 'other'), { store, signal });
}
