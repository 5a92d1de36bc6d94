/** Is the network metered? By NetworkManager, where it is at work. */
import { execFile } from 'node:child_process';

/** Longer than this nobody waits for the answer, in milliseconds. */
const patience = 1_500;

/** True or false as NetworkManager says or guesses it, null when it is not there or does not know. */
export function readMetered(env: NodeJS.ProcessEnv): Promise<boolean | null> {
  const argv = ['-t', '-f', 'GENERAL.STATE,GENERAL.METERED', 'device', 'show'];
  return new Promise((resolve) => {
    execFile('nmcli', argv, { env: { ...env, LC_ALL: 'C' }, timeout: patience }, (error, stdout) =>
      resolve(error ? null : parseMetered(stdout)),
    );
  });
}

/** nmcli(1), terse: one line per field, devices apart by an empty line. State 100 is connected. */
export function parseMetered(output: string): boolean | null {
  const answers = output.split(/\n\s*\n/).flatMap((device) => {
    if (!/^GENERAL\.STATE:100\b/m.test(device)) return [];
    return /^GENERAL\.METERED:(yes|no)\b/m.exec(device)?.[1] ?? [];
  });
  if (answers.length === 0) return null;
  return answers.includes('yes');
}
