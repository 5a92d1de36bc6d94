/** An instant in words, exact on hover. */
import { useNow } from './now.ts';
import { clock, day, exact, relative } from './words.ts';

/** `in 4 h` / `3 min ago`. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, now)}
    </time>
  );
}

/** `Today 03:00`, in `zone` or the local one. */
export function At({ at, zone }: { at: string; zone?: string | undefined }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at, zone)}>
      {day(at, now, zone)} {clock(at, zone)}
    </time>
  );
}
