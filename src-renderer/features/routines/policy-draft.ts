/** The policies as typed, and back: spans with a unit a person would choose, an instant for the pause. */
import { type Overlap, Policies } from '#contract/policies.ts';

export type Unit = 'minutes' | 'hours' | 'days';
const minutesIn: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 };

export interface PolicyDraft {
  catchUp: Policies['catchUp']['mode'];
  within: string;
  withinUnit: Unit;
  sameDay: boolean;
  overlap: Overlap;
  /** Minutes. */
  jitter: string;
  minimumDistance: string;
  distanceUnit: Unit;
  /** Whether the hours below count. */
  activeHours: boolean;
  from: string;
  to: string;
  onMains: boolean;
  unmetered: boolean;
  wake: boolean;
  keepAwake: boolean;
  /** An instant, or '' for none. */
  pausedUntil: string;
  priority: string;
}

export const usualPolicies: Policies = Policies.parse({});

export function policyDraftOf(policies: Policies): PolicyDraft {
  const { catchUp, activeHours, pausedUntil, overlap, onMains, unmetered, wake, keepAwake } = policies;
  const within = spelt(catchUp.within);
  const distance = spelt(policies.minimumDistance);
  return {
    ...{ overlap, onMains, unmetered, wake, keepAwake },
    catchUp: catchUp.mode,
    within: within.text,
    withinUnit: within.unit,
    sameDay: catchUp.sameDay,
    jitter: String(policies.jitter),
    minimumDistance: distance.text,
    distanceUnit: distance.unit,
    activeHours: activeHours !== null,
    from: activeHours?.from ?? '22:00',
    to: activeHours?.to ?? '06:00',
    pausedUntil: pausedUntil ?? '',
    priority: String(policies.priority),
  };
}

/** Unchecked: what the schema is to judge. */
export function policiesFrom(draft: PolicyDraft): unknown {
  const { overlap, onMains, unmetered, wake, keepAwake, from, to } = draft;
  return {
    ...{ overlap, onMains, unmetered, wake, keepAwake },
    catchUp: { mode: draft.catchUp, within: minutes(draft.within, draft.withinUnit), sameDay: draft.sameDay },
    jitter: number(draft.jitter),
    minimumDistance: minutes(draft.minimumDistance, draft.distanceUnit),
    activeHours: draft.activeHours ? { from, to } : null,
    pausedUntil: draft.pausedUntil || null,
    priority: number(draft.priority),
  };
}

export const policyCures: Record<keyof PolicyDraft, string> = {
  catchUp: 'Choose one.',
  within: 'From 1 minute to 31 days, in whole minutes.',
  withinUnit: 'Choose one.',
  sameDay: '',
  overlap: 'Choose one.',
  jitter: 'A whole number of minutes from 0 to 720.',
  minimumDistance: 'From 0 to 31 days, in whole minutes.',
  distanceUnit: 'Choose one.',
  activeHours: 'Give both hours, such as 22:00 and 06:00.',
  from: 'Hours and minutes, such as 22:00.',
  to: 'Hours and minutes, such as 06:00.',
  onMains: '',
  unmetered: '',
  wake: '',
  keepAwake: '',
  pausedUntil: 'Give a day and a time, or leave it empty.',
  priority: 'A whole number from -10 to 10.',
};

/** Empty is no number, not zero. */
export const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** 0.1 h are 6 minutes, not 6.000000000000001. */
export const minutes = (text: string, unit: Unit) => Math.round(number(text) * minutesIn[unit] * 1e6) / 1e6;

/** In the largest unit that comes out even. */
export function spelt(total: number): { text: string; unit: Unit } {
  const unit = (['days', 'hours'] as const).find((one) => total > 0 && total % minutesIn[one] === 0) ?? 'minutes';
  return { text: String(total / minutesIn[unit]), unit };
}
