/** Talks to the systemd user manager; every answer, also "there is none", is data. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, runProgram } from './run-program.ts';

export type Systemctl = (...args: string[]) => Promise<Answer>;

/** `env` is the environment of the person whose manager is meant. */
export function createSystemctl(env: NodeJS.ProcessEnv): Systemctl {
  return (...args) => runProgram('systemctl', ['--user', '--no-ask-password', ...args], managerEnv(env));
}

/** Is the person's manager kept alive after log-out? Null when nothing here keeps log-ins. */
export async function lingers(env: NodeJS.ProcessEnv): Promise<boolean | null> {
  const user = String(process.getuid?.() ?? '');
  const answer = await runProgram('loginctl', ['show-user', user, '-p', 'Linger', '--value'], managerEnv(env));
  if (!answer.ok) return null;
  return answer.out.trim() === 'yes';
}

/** systemctl needs XDG_RUNTIME_DIR, which `su`, `ssh host command` and cron leave out; dates must come in one form. */
function managerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const usual = join('/run/user', String(process.getuid?.() ?? ''));
  const runtime = env.XDG_RUNTIME_DIR || (existsSync(usual) ? usual : undefined);
  return {
    ...env,
    ...(runtime ? { XDG_RUNTIME_DIR: runtime } : {}),
    TZ: 'UTC',
    LC_ALL: 'C',
    SYSTEMD_COLORS: '0',
    SYSTEMD_PAGER: '',
  };
}
