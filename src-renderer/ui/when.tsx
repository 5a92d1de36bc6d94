/** An instant in words, exact on hover. */
import { useNow } from './now.ts';
import { clock, day, dayWithin, exact, relative } from './words.ts';

/** `in 4 h` / `3 min ago`. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, now)}
    </time>
  );
}

interface AtProps {
  at: string;
  zone?: string | undefined;
  /** `today 03:00`: it does not begin what it stands in. */
  within?: boolean;
}

/** `Today 03:00`, in `zone` or the local one. */
export function At({ at, zone, within }: AtProps) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at, zone)}>
      {(within ? dayWithin : day)(at, now, zone)} {clock(at, zone)}
    </time>
  );
}
