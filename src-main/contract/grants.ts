/** A permission that a person gave to a routine for good, bound to the routine's content; and which rule an answer can become. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { type Action, Door, QuestionId } from './questions.ts';
import { RoutineId } from './routines.ts';

export const GrantId = z.string().regex(/^grant-[0-9a-z]{8,24}$/);
export type GrantId = z.infer<typeof GrantId>;

/** SHA-256 over what a routine is: prompt, mode, rules, connectors, repository, model, network list, checks. */
export const ContentHash = z.string().regex(/^[0-9a-f]{64}$/);

export const Granted = z.discriminatedUnion('kind', [
  /** An allow rule in the published grammar, without a wildcard. */
  z.object({ kind: z.literal('rule'), rule: z.string().min(1).max(4000) }),
  /** `name:port`. */
  z.object({ kind: z.literal('host'), host: z.string().regex(/^[^\s:/*]+:\d{1,5}$/) }),
]);
export type Granted = z.infer<typeof Granted>;

/** `lapsed`: the routine is another one by now; only a person gives it again. */
export const GrantState = z.enum(['active', 'lapsed', 'revoked']);
export type GrantState = z.infer<typeof GrantState>;

export const Grant = z.object({
  id: GrantId,
  routine: RoutineId,
  /** Of the routine as it was; it counts only while the routine is still that. */
  contentHash: ContentHash,
  granted: Granted,
  state: GrantState,
  givenAt: Instant,
  givenBy: Door,
  /** What the person was looking at: a question, or the list of a trial run. */
  from: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('question'), question: QuestionId }),
    z.object({ kind: z.literal('trial'), run: RunId }),
  ]),
  endedAt: Instant.nullable(),
  /** Why it ended, one sentence; null while it is active. */
  ended: z.string().nullable(),
});
export type Grant = z.infer<typeof Grant>;

/** What could be granted, or why it never can. */
export type Grantable = { granted: Granted } | { refused: string };

/** Only for want of a rule: a rule settles it. Every other code names something that no allow rule covers. */
const wantOfRule: ReadonlySet<string> = new Set([
  ...[
    'rule.none',
    'auto.unclassified',
    'auto.unavailable',
    'mode.unattended',
    'mode.dont_ask',
    'bash.flag_guard',
    'bash.env_assignment',
  ],
  ...['bash.cd_combined', 'path.outside_worktree', 'path.symlink'],
]);

/** The narrowest grant that an answer "always" can become, before the rule engine has checked it. `code`: why it was asked. */
export function grantable({ action, code }: { action: Action; code: string }): Grantable {
  switch (action.kind) {
    case 'tool_call':
      return grantableCall(action.tool, action.input, code, action.cwd);
    case 'host':
      return code === 'net.host_not_allowed'
        ? asHost(action.host)
        : { refused: `Such a host (${code}) is decided by a person each time.` };
    case 'budget':
      return { refused: 'Money is allowed by a person each time; a lasting cap is a limit of the routine.' };
    case 'goal':
      return { refused: 'Going on after a verdict on the goal is decided by a person each time.' };
    case 'handover':
      return { refused: 'Going on after many denials is decided by a person each time.' };
  }
}

/** As `grantable`, for one tool call. `cwd`: path of the worktree inside the sandbox. */
export function grantableCall(tool: string, input: unknown, code: string, cwd = '/workspace'): Grantable {
  if (code === 'rule.ask') return { refused: 'A rule wants a person to be asked each time; a grant does not lift it.' };
  if (code === 'rule.deny') return { refused: 'A deny rule forbids it; a grant does not lift it.' };
  if (!wantOfRule.has(code)) return { refused: 'Such an action is decided by a person each time.' };
  const { command, file_path } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (tool === 'Bash' && typeof command === 'string') return asRule(`Bash(${escaped(command.trim(), /[\\*]/g)})`);
  const kind = { Edit: 'Edit', Write: 'Edit', Read: 'Read' }[tool];
  if (kind && code === 'path.symlink')
    return { refused: 'A link leads elsewhere, and a rule for its name does not cover that.' };
  if (kind && typeof file_path === 'string')
    return asRule(`${kind}(${escaped(anchored(file_path, cwd), /[\\*?[\]{}()!+@|]/g)})`);
  return { refused: `No rule says exactly this call of ${tool} and nothing more.` };
}

const escaped = (text: string, special: RegExp) => text.replace(special, '\\$&');

function asRule(rule: string): Grantable {
  if (rule.length > 4000) return { refused: 'It is too long for a rule.' };
  return { granted: { kind: 'rule', rule } };
}

function asHost(host: string): Grantable {
  const granted = Granted.safeParse({ kind: 'host', host: host.toLowerCase() });
  return granted.success ? { granted: granted.data } : { refused: 'It is not one host with one port.' };
}

/** `/src/a.js` for a file of the worktree, `//etc/hosts` for one outside. */
function anchored(path: string, cwd: string): string {
  const [root, names] = [namesOf(cwd), namesOf(path.startsWith('/') ? path : `${cwd}/${path}`)];
  const below = names.length > root.length && root.every((name, at) => names[at] === name);
  return below ? `/${names.slice(root.length).join('/')}` : `//${names.join('/')}`;
}

function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}
