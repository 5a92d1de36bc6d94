/** What a routine may do by itself, as typed, and back: rules and hosts one a line, limits as text. */
import type { Limits, RoutineSpec } from '#contract/routines.ts';
import { type WebWay, webWays } from '#contract/web.ts';
import { minutes, number, spelt, type Unit } from './policy-draft.ts';

const limitFields = ['turns', 'minutes', 'dollars', 'dollarsPerDay', 'toolCalls', 'tokens', 'outputTokens'] as const;
type LimitField = (typeof limitFields)[number] & keyof Limits;

/** Lists hold one rule or host a line. */
const lists = ['allow', 'ask', 'deny', 'network'] as const;
type ListField = (typeof lists)[number];

export interface PermissionDraft extends Record<LimitField | ListField, string> {
  permissionMode: RoutineSpec['permissionMode'];
  whenAsked: RoutineSpec['whenAsked'];
  answerWithin: string;
  answerUnit: Unit;
  web: WebWay;
  /** Undefined: nobody has chosen, and the usual holds. */
  hooks: RoutineSpec['hooks'];
  memory: RoutineSpec['memory'];
}

type Permitted = Pick<
  RoutineSpec,
  'permissionMode' | 'permissions' | 'whenAsked' | 'answerWithin' | 'network' | 'web' | 'limits' | 'hooks' | 'memory'
>;

export function permissionDraftOf({
  permissionMode,
  permissions,
  whenAsked,
  answerWithin,
  network,
  web = [],
  limits,
  hooks,
  memory,
}: Permitted) {
  const within = spelt(answerWithin);
  const draft: PermissionDraft = {
    ...{ permissionMode, whenAsked, answerWithin: within.text, answerUnit: within.unit, hooks, memory },
    ...{ allow: permissions.allow.join('\n'), ask: permissions.ask.join('\n'), deny: permissions.deny.join('\n') },
    network: network.join('\n'),
    web: web.length > 1 ? 'both' : (web[0] ?? 'off'),
    ...(Object.fromEntries(limitFields.map((field) => [field, String(limits[field])])) as Record<LimitField, string>),
  };
  return draft;
}

/** Unchecked: what the schema is to judge. */
export function permissionsFrom(draft: PermissionDraft): Record<keyof Permitted, unknown> {
  const { permissionMode, whenAsked, allow, ask, deny, network, hooks, memory } = draft;
  return {
    ...{ permissionMode, whenAsked, hooks, memory, answerWithin: minutes(draft.answerWithin, draft.answerUnit) },
    permissions: { allow: linesOf(allow), ask: linesOf(ask), deny: linesOf(deny) },
    network: linesOf(network),
    web: draft.web === 'off' ? undefined : [...webWays[draft.web]],
    limits: Object.fromEntries(limitFields.map((field) => [field, number(draft[field])])),
  };
}

export const permissionCures: Record<keyof PermissionDraft, string> = {
  permissionMode: 'Choose one.',
  allow: 'Write a rule such as `Bash(npm test:*)` or `Edit(/src/**)`.',
  ask: 'Write a rule such as `Bash(git tag:*)`.',
  deny: 'Write a rule such as `Read(/.env*)`.',
  network: 'Write a host such as api.example.com or `*.example.com:8443`, or a registry such as `registry:npm`.',
  web: 'Choose one.',
  whenAsked: 'Choose one.',
  answerWithin: 'From 1 minute to 30 days, in whole minutes.',
  answerUnit: 'Choose one.',
  hooks: 'Choose one.',
  memory: 'Choose one.',
  turns: 'A whole number from 1 to 500.',
  minutes: 'A number from 0.1 to 1440.',
  dollars: 'An amount from 0.01 to 1000.',
  dollarsPerDay: 'An amount from 0.01 to 10000.',
  toolCalls: 'A whole number from 1 to 100000.',
  tokens: 'A whole number from 1000 to 10000000000.',
  outputTokens: 'A whole number from 1000 to 10000000000.',
};

/** One entry a line; blank lines are nothing. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** A name, and perhaps something in brackets; what it means is the host's to judge. */
const shape = /^[A-Za-z][\w.:*-]*(\([\s\S]+\))?$/;

/** The first line of each list that is no rule at all, with what to write. */
export function ruleErrors(draft: PermissionDraft): Partial<Record<ListField, string>> {
  const errors: Partial<Record<ListField, string>> = {};
  for (const field of ['allow', 'ask', 'deny'] as const) {
    const wrong = linesOf(draft[field]).find((line) => !shape.test(line));
    if (wrong) errors[field] = lineError(wrong, permissionCures[field]);
  }
  return errors;
}

/** In a list the entry at fault is named. @param path of the schema's complaint */
export function listError(draft: PermissionDraft, path: readonly PropertyKey[]): string | null {
  const field = lists.find((list) => path.includes(list));
  const index = path.find((part) => typeof part === 'number');
  const line = field && index !== undefined && linesOf(draft[field])[index];
  return field && line ? lineError(line, permissionCures[field]) : null;
}

const lineError = (line: string, cure: string) =>
  `“${line.length > 60 ? `${line.slice(0, 59)}…` : line}” cannot be used.\n${cure}`;
