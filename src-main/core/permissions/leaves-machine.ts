/** Whether a command would do something outside this machine, whoever allows it: what a trial run records instead of doing. */
import { programName } from './bash-forms.ts';
import { outwardReason } from './outward.ts';
import { readShell } from './shell/read-shell.ts';
import { unwrap } from './shell/wrappers.ts';

/** Half a sentence that says what; null: nothing is known of it that would. Never throws. */
export function leavesMachine(command: string): string | null {
  for (const segment of readShell(command.slice(0, 100_000)).segments) {
    const [name, ...args] = unwrap(segment.words).words;
    const reason = name ? outwardReason(programName(name.value, false), args, segment.fed, 'outside') : null;
    if (reason) return reason;
  }
  return null;
}
