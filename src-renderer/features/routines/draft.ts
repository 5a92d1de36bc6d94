/** What stands in the editor's fields, and what it means: text on the way in, a checked RoutineSpec on the way out. */
import type { FaultData } from '#contract/faults.ts';
import { Limits, RoutineSpec } from '#contract/routines.ts';
import { capital, sentence } from '#ui/words.ts';
import { type AimDraft, aimCures, aimDraftOf, aimsFrom, usualAims } from './aim-draft.ts';
import {
  linesOf,
  listError,
  type PermissionDraft,
  permissionCures,
  permissionDraftOf,
  permissionsFrom,
  ruleErrors,
} from './permission-draft.ts';
import { type PolicyDraft, policiesFrom, policyCures, policyDraftOf, usualPolicies } from './policy-draft.ts';

/** As typed: numbers are text until they are checked. */
export interface Draft extends PolicyDraft, PermissionDraft, AimDraft {
  name: string;
  description: string;
  prompt: string;
  schedule: string;
  timeZone: string;
  repository: string;
  branchPrefix: string;
  model: string;
  /** Empty: nobody. */
  advisor: string;
  effort: RoutineSpec['effort'];
  /** One command a line. */
  checks: string;
  paused: boolean;
}

export type FieldErrors = Partial<Record<keyof Draft, string>>;

const usualPermissions = {
  ...{ permissionMode: 'acceptEdits' as const, permissions: { allow: [], ask: [], deny: [] } },
  ...{ whenAsked: 'park' as const, answerWithin: 10_080, network: [], limits: Limits.parse({}) },
};

export const newDraft = (timeZone: string): Draft => ({
  name: '',
  description: '',
  prompt: '',
  schedule: 'nightly',
  timeZone,
  repository: '',
  branchPrefix: 'nightshift/',
  model: 'auto',
  advisor: '',
  effort: 'medium',
  checks: '',
  paused: false,
  ...policyDraftOf(usualPolicies),
  ...permissionDraftOf(usualPermissions),
  ...aimDraftOf(usualAims),
});

export function draftOf(spec: RoutineSpec): Draft {
  const { name, description, prompt, schedule, timeZone, repository, branchPrefix, model, effort, paused } = spec;
  return {
    ...{ name, description, prompt, schedule, timeZone, repository, branchPrefix, model, effort, paused },
    ...policyDraftOf(spec.policies),
    ...permissionDraftOf(spec),
    ...aimDraftOf(spec),
    advisor: spec.advisor ?? '',
    checks: spec.checks.join('\n'),
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
  advisor: 'Write a model id, or leave it empty.',
  effort: 'Choose one.',
  checks: 'At most 10 commands, one a line.',
  paused: '',
  ...policyCures,
  ...permissionCures,
  ...aimCures,
};

export function readDraft(draft: Draft): { spec: RoutineSpec } | { errors: FieldErrors } {
  const { name, description, prompt, schedule, timeZone, repository, branchPrefix } = draft;
  const { model, effort, paused } = draft;
  const read = RoutineSpec.safeParse({
    ...{ name, description, prompt, schedule, timeZone, repository, branchPrefix, model, effort, paused },
    ...permissionsFrom(draft),
    ...aimsFrom(draft),
    ...(draft.advisor.trim() !== '' && { advisor: draft.advisor.trim() }),
    policies: policiesFrom(draft),
    checks: linesOf(draft.checks),
  });
  const errors: FieldErrors = ruleErrors(draft);
  for (const issue of read.success ? [] : read.error.issues) {
    const field = fieldOf(issue.path.map(String));
    if (field) errors[field] ??= listError(draft, issue.path) ?? cures[field];
  }
  return read.success && Object.keys(errors).length === 0 ? { spec: read.data } : { errors };
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
