/** Beside a field: an administrator has fixed it, and in which file. */
import { Lock } from 'lucide-react';
import type { PermissionMode } from '#contract/routines.ts';
import type { Feature, LockedSetting } from '#contract/settings.ts';
import { visible } from '#contract/visible.ts';
import s from './lock-note.module.css';

/** What is fixed; empty: nothing is. */
export interface Locked {
  locked: readonly LockedSetting[];
}

export const featureLock = (locked: Locked['locked'], feature: Feature): LockedSetting | undefined =>
  locked.find(({ what, values }) => what === 'featureOff' && values.includes(feature));

/** A mode is out of reach where it is forbidden, or the part behind it is switched off. */
export const modeLock = (locked: Locked['locked'], mode: PermissionMode): LockedSetting | undefined =>
  locked.find(({ what, values }) => what === 'forbiddenMode' && values.includes(mode)) ??
  (mode === 'auto' ? featureLock(locked, 'auto') : undefined);

export function LockNote({ lock, what }: { lock: LockedSetting | undefined; what: string }) {
  if (!lock) return null;
  return (
    <p className={s.lock}>
      <Lock size={13} aria-hidden />
      <span>
        {visible(what)}: fixed in <code>{visible(lock.file)}</code>
      </span>
    </p>
  );
}
