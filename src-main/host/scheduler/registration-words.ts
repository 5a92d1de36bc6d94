/** What a person reads about the operating system's timers. */
import type { Registration } from '#contract/routines.ts';
import type { Alarm } from '#core/ports.ts';
import type { TimerState } from './timer-states.ts';

export const fixCure = 'Run `nightshift doctor --fix`';
export const noManagerCure =
  'it fires once a systemd user manager runs: log in as this user, or in a container run `npm run setup -- --user-manager`';
export const noSystemctlCure = 'run `nightshift due` from a scheduler of your own';

/** Said of what nobody has yet seen on a real system. */
export const unexercised = 'not exercised on a real system';
export const notNeeded: Registration = { state: 'not_needed', detail: 'no timer needed: nothing is scheduled' };

export const otherHomeCure =
  'log in as the user of this home directory, or in a container set XDG_RUNTIME_DIR to a folder of your own and run `npm run setup -- --user-manager`';

/** The manager that answers was started for another home: it never sees what we write. */
export function otherHome(ours: string, theirs: string): string {
  return `timer written to ${ours}, but the systemd user manager that answers reads ${theirs}; to have it fire, ${otherHomeCure}`;
}

/** `lingering` null: nothing here ends a manager at log-out. */
export function lingerNote(lingering: boolean | null): string {
  if (lingering === null) return '';
  return lingering
    ? ', linger on'
    : '; only while you are logged in, unless you allow more with `loginctl enable-linger`';
}

/** Asked to wake the machine, a user's timer is refused as a whole, so ours do not ask. */
export function wakeNote({ wake }: Alarm): string {
  return wake ? '; it cannot wake a sleeping machine for it: that takes root, e.g. `rtcwake` a minute before' : '';
}

/** `lines`: calendar lines we wrote. `trouble`: what systemctl complained about on the way, or ''. */
export function describeTimer(facts: {
  name: string;
  alarm: Alarm;
  lines: number;
  state: TimerState | undefined;
  trouble: string;
  note: string;
  /** When it fired last, milliseconds since the epoch; null: never, or not looked. */
  last: number | null;
}): Registration {
  const { name, alarm, lines, state, trouble, note } = facts;
  if (!state?.active) {
    const why = trouble || (state ? 'it is not active' : 'the manager does not see its file');
    return {
      state: 'degraded',
      detail: `systemd user timer does not run: ${why}; see \`systemctl --user status ${name}\``,
    };
  }
  if (state.lines < lines) {
    const detail = `systemd understood ${state.lines} of ${lines} calendar lines; see \`systemctl --user cat ${name}\``;
    return { state: 'degraded', detail };
  }
  const next = state.next === null ? 'nothing further due' : `next ${clockTime(state.next, alarm.timeZone)}`;
  const last = facts.last === null ? '' : `, last OS fire ${wallTime(facts.last, alarm.timeZone, true)}`;
  return { state: 'registered', detail: `systemd user timer, ${next}${last}${note}${wakeNote(alarm)}` };
}

/** `2026-11-21 03:00 Europe/Berlin`. */
const clockTime = (instant: number, timeZone: string) => `${wallTime(instant, timeZone, false)} ${timeZone}`;

/** `2026-11-21 03:00`, with seconds where there are any, or always. */
function wallTime(instant: number, timeZone: string, always: boolean): string {
  const second = !always && instant % 60_000 === 0 ? {} : ({ second: '2-digit' } as const);
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    ...second,
  } as const);
  return format.format(instant);
}
