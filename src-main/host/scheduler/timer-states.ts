/** What the systemd user manager itself says about our timers. */
import type { Systemctl } from './systemctl.ts';
import { sweepName } from './systemd-units.ts';

export interface TimerState {
  active: boolean;
  /** The manager works with an older text than the file holds. */
  stale: boolean;
  /** Calendar lines that it understood; it leaves out wrong ones without an error. */
  lines: number;
  /** Next fire, milliseconds since the epoch; null when none is ahead. */
  next: number | null;
  /** When it fired last or, if never, when a timer that remembers was first started; milliseconds since the epoch. */
  last: number | null;
}

/** Unit name → state, for `units` (names or patterns; all timers with the prefix) that the manager has loaded; null: no answer. */
export async function timerStates(
  systemctl: Systemctl,
  prefix: string,
  units: readonly string[] = [`${prefix}-routine-*.timer`, sweepName(prefix)],
): Promise<Map<string, TimerState> | null> {
  const answer = await systemctl(
    'show',
    '-p',
    'Id,LoadState,ActiveState,NeedDaemonReload,TimersCalendar,NextElapseUSecRealtime,LastTriggerUSec',
    ...units,
  );
  if (!answer.ok) return null;
  const states = new Map<string, TimerState>();
  for (const block of answer.out.split('\n\n')) {
    const properties = block.split('\n').map((line) => line.split(/=(.*)/s, 2));
    const value = (name: string) => properties.find(([key]) => key === name)?.[1] ?? '';
    const id = value('Id');
    const active = value('ActiveState') === 'active';
    // A timer whose file is gone stays active until it is stopped.
    if (!id || (value('LoadState') === 'not-found' && !active)) continue;
    states.set(id, {
      active,
      stale: value('NeedDaemonReload') === 'yes',
      lines: properties.filter(([key]) => key === 'TimersCalendar').length,
      next: instantOf(value('NextElapseUSecRealtime')),
      last: instantOf(value('LastTriggerUSec')),
    });
  }
  return states;
}

/** `Sat 2026-11-21 02:00:00 UTC`, as systemd prints it with TZ=UTC. */
function instantOf(text: string): number | null {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/.exec(text);
  return match ? Date.parse(`${match[1]}T${match[2]}Z`) : null;
}
