/** How a moment is written everywhere in Nightshift. */
import { z } from 'zod';

/** An instant as `2026-11-20T03:00:00.000Z`: always UTC, always milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;
