/** What plain words are read in, and what comes out. */
import type { Schedule } from '#contract/schedules.ts';
import type { Zone } from './zone.ts';

export interface Setting {
  zone: Zone;
  /** The present, for words such as `tomorrow`; undefined where they would mean something else each time they are read. */
  now: number | undefined;
  /** What messages repeat. */
  written: string;
}

/** `relative`: the words mean this only now. */
export interface Meaning {
  schedule: Schedule;
  relative: boolean;
}
