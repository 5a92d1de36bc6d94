/** What is to happen when a due instant meets the rest of life: lateness, a run still going, power, sleep. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { ClockTime } from './schedules.ts';

/** What becomes of due instants that nobody could serve in time. */
export const CatchUp = z.strictObject({
  /** `skip`: none is run later. `latest`: the newest one, once. `each`: every one, oldest first. */
  mode: z.enum(['skip', 'latest', 'each']).default('latest'),
  /** Minutes after its due instant beyond which an occurrence is not run any more; at most 31 days. */
  within: z.int().min(1).max(44_640).default(10_080),
  /** Only while it is still the same day in the routine's zone. */
  sameDay: z.boolean().default(false),
});

/** What becomes of a due instant while a run of the same routine is open. */
export const Overlap = z.enum(['skip', 'queue_one', 'queue_all', 'cancel_old', 'parallel']);
export type Overlap = z.infer<typeof Overlap>;

export const Policies = z.strictObject({
  catchUp: CatchUp.default({ mode: 'latest', within: 10_080, sameDay: false }),
  overlap: Overlap.default('skip'),
  /** Minutes by which a start may be put off, always the same for one routine, so that not all start at once. */
  jitter: z.int().min(0).max(720).default(0),
  /** Minutes that must lie between two starts; an instant that comes sooner is skipped. */
  minimumDistance: z.int().min(0).max(44_640).default(0),
  /** Local hours in which it may start; `from` after `to` spans midnight. Null: at any time. */
  activeHours: z.strictObject({ from: ClockTime, to: ClockTime }).nullable().default(null),
  /** Only while the machine is on mains power. */
  onMains: z.boolean().default(false),
  /** Only on a network that is not metered. */
  unmetered: z.boolean().default(false),
  /** Wake the machine for it, where the OS can and the person has agreed. */
  wake: z.boolean().default(false),
  /** Keep the machine awake while it runs. */
  keepAwake: z.boolean().default(true),
  /** Not before this instant. */
  pausedUntil: Instant.nullable().default(null),
  /** Higher goes first when not all can start at once. */
  priority: z.int().min(-10).max(10).default(0),
});
export type Policies = z.infer<typeof Policies>;

const { shape } = Policies;
const late = CatchUp.shape;
/** What a person changes of them; what is left out stays as it is. */
export const PoliciesChange = z
  .strictObject({
    catchUp: z
      .strictObject({ mode: late.mode.unwrap(), within: late.within.unwrap(), sameDay: late.sameDay.unwrap() })
      .partial(),
    overlap: shape.overlap.unwrap(),
    jitter: shape.jitter.unwrap(),
    minimumDistance: shape.minimumDistance.unwrap(),
    activeHours: shape.activeHours.unwrap(),
    onMains: shape.onMains.unwrap(),
    unmetered: shape.unmetered.unwrap(),
    wake: shape.wake.unwrap(),
    keepAwake: shape.keepAwake.unwrap(),
    pausedUntil: shape.pausedUntil.unwrap(),
    priority: shape.priority.unwrap(),
  })
  .partial();
export type PoliciesChange = z.infer<typeof PoliciesChange>;
