/** What stands in the editor's fields, and what it means: text on the way in, a checked RoutineSpec on the way out. */
import type { FaultData } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import { capital, sentence } from '#ui/words.ts';
import { number, type PolicyDraft, policiesFrom, policyCures, policyDraftOf, usualPolicies } from './policy-draft.ts';

/** As typed: numbers are text until they are checked. */
export interface Draft extends PolicyDraft {
  name: string;
  description: string;
  prompt: string;
  schedule: string;
  timeZone: string;
  repository: string;
  branchPrefix: string;
  model: string;
  effort: RoutineSpec['effort'];
  permissionMode: RoutineSpec['permissionMode'];
  /** One command a line. */
  checks: string;
  turns: string;
  minutes: string;
  dollars: string;
  paused: boolean;
}

export type FieldErrors = Partial<Record<keyof Draft, string>>;

export const newDraft = (timeZone: string): Draft => ({
  name: '',
  description: '',
  prompt: '',
  schedule: 'nightly',
  timeZone,
  repository: '',
  branchPrefix: 'nightshift/',
  model: 'auto',
  effort: 'medium',
  permissionMode: 'acceptEdits',
  checks: '',
  turns: '60',
  minutes: '60',
  dollars: '2',
  paused: false,
  ...policyDraftOf(usualPolicies),
});

export function draftOf({ limits, checks, policies, ...spec }: RoutineSpec): Draft {
  return {
    ...spec,
    ...policyDraftOf(policies),
    checks: checks.join('\n'),
    turns: String(limits.turns),
    minutes: String(limits.minutes),
    dollars: String(limits.dollars),
  };
}

/** What to do about each field; the schema knows that it is wrong, not how to say it. */
const cures: Record<keyof Draft, string> = {
  name: 'Give it a name of 1 to 80 characters.',
  description: 'Keep the description within 1,024 characters.',
  prompt: 'Say what should be done; a sentence is enough to begin.',
  schedule: 'Write e.g. `every weekday at 7:30`, or choose one below.',
  timeZone: 'Give an IANA name such as Europe/Berlin.',
  repository: 'Give the full path of a git repository on this machine.',
  branchPrefix: 'Use words separated by / and ending in /, such as nightshift/.',
  model: 'Write auto, rehearsal or a model id.',
  effort: 'Choose one.',
  permissionMode: 'Choose one.',
  checks: 'At most 10 commands, one a line.',
  turns: 'A whole number from 1 to 500.',
  minutes: 'A number from 0.1 to 1440.',
  dollars: 'An amount from 0.01 to 1000.',
  paused: '',
  ...policyCures,
};

export function readDraft(draft: Draft): { spec: RoutineSpec } | { errors: FieldErrors } {
  const { name, description, prompt, schedule, timeZone, repository, branchPrefix } = draft;
  const { model, effort, permissionMode, paused, turns, minutes, dollars } = draft;
  const read = RoutineSpec.safeParse({
    ...{ name, description, prompt, schedule, timeZone, repository, branchPrefix },
    ...{ model, effort, permissionMode, paused },
    policies: policiesFrom(draft),
    checks: draft.checks
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
    limits: { turns: number(turns), minutes: number(minutes), dollars: number(dollars) },
  });
  if (read.success) return { spec: read.data };
  const errors: FieldErrors = {};
  for (const issue of read.error.issues) {
    const field = fieldOf(issue.path.map(String));
    if (field) errors[field] ??= cures[field];
  }
  return { errors };
}

/** The host's refusal beside its field; null when it is about none, and must be shown above them. */
export function errorsOf(fault: FaultData): FieldErrors | null {
  const field = fieldOf((fault.field ?? '').split('.')) ?? (fault.code.startsWith('repo.') ? 'repository' : null);
  if (!field) return null;
  return { [field]: [sentence(fault.message), fault.cure && capital(fault.cure)].filter(Boolean).join('\n') };
}

function fieldOf(path: readonly string[]): keyof Draft | null {
  const last = path.findLast((part) => part in cures);
  return (last as keyof Draft | undefined) ?? null;
}
