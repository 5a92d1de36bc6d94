/** Reads `/loop 5m <prompt>`, `/loop <prompt> every 2 hours` and `/loop <prompt>`, without asking any model. */
import { Fault } from '#contract/faults.ts';
import { localTime } from '#core/ledger/local-time.ts';

export interface LoopWish {
  prompt: string;
  /** Null: self-paced. */
  interval: { asked: string; minutes: number } | null;
}

const unit = '(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)';
const leading = new RegExp(String.raw`^(?:(\d+)([smhd])|every\s+(\d+)\s*${unit})(?:\s+([\s\S]*))?$`, 'i');
const trailing = new RegExp(String.raw`[\s,]every\s+(\d+)\s*${unit}\s*[.!]?$`, 'i');
/** Characters at the end of a text in which its interval is looked for, so that a long text costs no more than a short one. */
const tail = 60;
const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Null: not a loop, the text means itself. Throws `input` for a loop without a prompt or with an impossible interval. */
export function readLoop(text: string): LoopWish | null {
  const words = /^\/loop(?:\s+([\s\S]*))?$/.exec(text.trim());
  if (!words) return null;
  const body = (words[1] ?? '').trim();
  const first = leading.exec(body);
  const last = first ? null : trailing.exec(body.slice(-tail));
  const before = last ? body.slice(0, Math.max(0, body.length - tail) + last.index).trimEnd() : body;
  const prompt = first ? (first[5]?.trim() ?? '') : last && before.endsWith(',') ? before.slice(0, -1) : before;
  if (prompt === '') throw refused('A loop needs a prompt.', 'Write e.g. "/loop 10m look at the build".');
  const [count, of] = first ? [first[1] ?? first[3], first[2] ?? first[4]] : [last?.[1], last?.[2]];
  if (count === undefined || of === undefined) return { prompt, interval: null };
  return { prompt, interval: { asked: `${count} ${of}`, minutes: minutesOf(Number(count), of.toLowerCase()) } };
}

/** A part of a minute counts as a whole one. */
function minutesOf(count: number, of: string): number {
  const seconds = count * (secondsOf[of[0] ?? ''] ?? 60);
  if (seconds === 0) throw refused('The interval of a loop cannot be 0.', 'The shortest is one minute: "/loop 1m …".');
  if (seconds > 7 * 86_400)
    throw refused('No loop lives longer than 7 days.', 'Make it a routine with a schedule of its own.');
  return Math.ceil(seconds / 60);
}

function refused(message: string, cure: string): Fault {
  return new Fault('input', message, { field: 'prompt', cure });
}

/** Minutes that divide an hour, hours that divide a day, and days: what a cron step says evenly. */
const cleanSteps = [
  ...[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30],
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * 60),
  ...[1, 2, 3, 4, 5, 6, 7].map((days) => days * 1440),
];

/**
 * A cron expression for an interval, beginning at the clock time of `now` in the zone, and what was rounded, in words.
 * Of two steps equally near, the longer: it asks less of everyone.
 */
export function cronOf(
  { asked, minutes }: { asked: string; minutes: number },
  now: number,
  timeZone: string,
): { cron: string; rounded: string | undefined } {
  const off = (step: number) => Math.abs(step - minutes);
  const step = cleanSteps.reduce((best, each) => (off(each) <= off(best) ? each : best), 1);
  const [hour, minute] = localTime(now, timeZone).time.split(':').map(Number);
  const every = (count: number) => (count === 1 ? '*' : `*/${count}`);
  const cron =
    step < 60
      ? `${every(step)} * * * *`
      : step < 1440
        ? `${minute} ${every(step / 60)} * * *`
        : `${minute} ${hour} ${every(step / 1440)} * *`;
  const whole = secondsOf[asked.split(' ')[1]?.[0]?.toLowerCase() ?? ''] === 1 && Number.parseInt(asked, 10) % 60 > 0;
  const rounded = step === minutes && !whole ? undefined : `rounded from ${asked}, which is no clean step`;
  return { cron, rounded };
}
