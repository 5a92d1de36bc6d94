/** Fires the hooks of a session: at each moment all that are for it, at once, and what they say is committed before it counts. */
import type { Draft, Event } from '#contract/events.ts';
import type { HookDecision, HookMoment } from '#contract/hooks.ts';
import { asData, type Inspect, ofTaint } from '#core/permissions/injection-probe.ts';
import type { Hands } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { type HookAnswer, readAnswer } from './answer.ts';
import type { HookDefinition } from './definition.ts';
import { matches, meets, type TryPattern } from './matches.ts';
import { runHook, type TrustedScript } from './run-hook.ts';

export interface Firing {
  moment: HookMoment;
  /** What matchers are about; empty where there is nothing. */
  subject: string;
  /** Answers of the session by now. */
  turn: number;
  /** The tool call that it is about. */
  call?: string;
  /** What hooks are told beside what they are always told, by the names of the published format. */
  told: Record<string, unknown>;
}

/** What all of them together say; the strongest decision counts. */
export interface Fired {
  decision: HookDecision | null;
  /** Of whoever decided. */
  reason: string;
  /** What the tool is to be given instead. */
  input?: Record<string, unknown>;
}

/** A subagent: its name in the log, and its kind. */
export interface Speaker {
  id: string;
  type: string;
}

/** Whose session it is. */
export interface FiredBy {
  /** What hooks say is committed through it, so that it is told in the conversation that it is about. */
  store: Pick<Store, 'commit'>;
  signal: AbortSignal;
  /** Left out: the run's own agent. */
  thread?: Speaker;
}

export interface Hooks {
  /** There may be hooks for that moment. */
  has(moment: HookMoment): boolean;
  /**
   * Where it has fired before for the same call or turn, what was said then counts: no hook is asked twice, whatever died
   * in between. Throws nothing but the reason of its signal.
   */
  fire(firing: Firing, by: FiredBy): Promise<Fired>;
}

interface Parts {
  store: Store;
  run: string;
  hands: Pick<Hands, 'call'>;
  inspect: Inspect;
  hooks: readonly HookDefinition[];
  scripts: readonly TrustedScript[];
  /** Path of the worktree inside the sandbox. */
  seenAt: string;
  pattern: TryPattern;
  permissionMode: string;
  effort: string;
}

type Ran = Extract<Event, { type: 'hook.ran' }>;

/** Begin every sandbox anew, so they are fired for each. */
const always: ReadonlySet<HookMoment> = new Set<HookMoment>(['SessionStart', 'SessionEnd', 'Notification']);

export function createHooks(parts: Parts): Hooks {
  const { store, run, hands, inspect, hooks, scripts, seenAt } = parts;
  const past = readAlong(store, run);

  async function answer(
    hook: HookDefinition,
    { moment, told }: Firing,
    { signal, thread }: FiredBy,
  ): Promise<HookAnswer> {
    const question = {
      ...{ session_id: run, transcript_path: '', cwd: seenAt, permission_mode: parts.permissionMode },
      ...{ effort: { level: parts.effort }, hook_event_name: moment },
      ...(thread ? { agent_id: thread.id, agent_type: thread.type } : {}),
      ...told,
    };
    const environment = { CLAUDE_PROJECT_DIR: seenAt, CLAUDE_EFFORT: parts.effort };
    return readAnswer(hook, await runHook(hands, hook, question, { scripts, environment, signal }));
  }

  async function chosen({ moment, subject, told }: Firing): Promise<HookDefinition[]> {
    const wanted = hooks.filter((hook) => hook.moment === moment && matches(hook.matcher, subject, parts.pattern));
    const unique = [...new Map(wanted.map((hook) => [hook.command, hook])).values()];
    const input = (told.tool_input ?? {}) as Record<string, unknown>;
    const met = await Promise.all(unique.map((hook) => meets(hook, subject, input, seenAt)));
    return unique.filter((_, index) => met[index]);
  }

  async function fire(firing: Firing, by: FiredBy): Promise<Fired> {
    const { moment, turn } = firing;
    const call = firing.call ?? by.thread?.id ?? null;
    const known = always.has(moment) ? [] : past().of(moment, call, firing.call === undefined ? turn : null);
    if (known.length > 0) return together(known);
    const due = await chosen(firing);
    if (due.length === 0) return nothing;
    const answers = await Promise.all(due.map((hook) => answer(hook, firing, by)));
    const ran = await Promise.all(
      due.map((hook, at) => onRecord(hook, answers[at] as HookAnswer, firing, call, by.signal)),
    );
    by.store.commit((writer) => {
      for (const draft of ran.flat()) writer.append(draft);
    });
    return together(ran.flatMap(([draft]) => (draft.type === 'hook.ran' ? [draft] : [])));
  }

  /** What a hook said, and after it what of that spoke to the agent. */
  async function onRecord(
    { command, layer, file }: HookDefinition,
    { input, ...said }: HookAnswer,
    { moment, subject, turn }: Firing,
    call: string | null,
    signal: AbortSignal,
  ): Promise<[Draft, ...Draft[]]> {
    const at = call ?? `hook-${turn}`;
    const tainted: Draft[] = [];
    /** Whoever wrote the hook, what it prints may come from anywhere. */
    const looked = async (text: string): Promise<string> => {
      const found = text === '' ? null : await inspect(text, signal);
      if (!found) return text;
      tainted.push({ type: 'run.tainted', run, call: at, ...ofTaint(found) });
      return asData(text, at, found);
    };
    const head = `A hook (${moment}${call && subject ? ` ${subject}` : ''}, ${whose[layer]}, ${file}) says:`;
    const told = await looked(said.context);
    const context = told && `${head}\n\n${told}`;
    // What a start has told already is not told twice.
    const fresh = moment === 'SessionStart' && past().given.has(context) ? '' : context;
    const reason = said.reason === null || context !== '' ? said.reason : await looked(said.reason);
    const draft: Draft = {
      ...{ type: 'hook.ran', run, moment, subject, turn, call, command, layer, file },
      ...{ ...said, reason, context: fresh, ...(input ? { input } : {}) },
    };
    return [draft, ...(fresh !== '' || reason !== said.reason ? tainted : [])];
  }

  return { has: (moment) => hooks.some((hook) => hook.moment === moment), fire };
}

const whose: Record<HookDefinition['layer'], string> = {
  managed: 'of the administrator of this machine',
  person: 'of the person you work for',
  project: 'of this repository',
  local: 'of the person you work for, for this repository',
};

export const nothing: Fired = { decision: null, reason: '' };

const weight: Record<HookDecision, number> = { allow: 0, ask: 1, block: 2, deny: 2, stop: 3 };

/** In their order; of several inputs the last one counts. */
export function together(ran: readonly Pick<Ran, 'decision' | 'reason' | 'input'>[]): Fired {
  let fired: Fired = nothing;
  for (const { decision, reason, input } of ran) {
    if (decision && (!fired.decision || weight[decision] > weight[fired.decision]))
      fired = { ...fired, decision, reason: reason ?? '' };
    if (input) fired = { ...fired, input };
  }
  return fired;
}

/** The run's hooks as far as they are committed, folded once each. */
function readAlong(store: Store, run: string) {
  const ran: Ran[] = [];
  let given = new Set<string>();
  let after = 0;
  /** `turn` null: whenever that was. */
  const of = (moment: HookMoment, call: string | null, turn: number | null) =>
    ran.filter((it) => it.moment === moment && it.call === call && (turn === null || it.turn === turn));
  return () => {
    for (const event of store.events({ after, run, limit: Number.MAX_SAFE_INTEGER })) {
      after = event.seq;
      if (event.type === 'hook.ran') {
        ran.push(event);
        given.add(event.context);
      }
      // A summary has taken the place of what was told before.
      if (event.type === 'history.compacted') given = new Set();
    }
    return { of, given };
  };
}
