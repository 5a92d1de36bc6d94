/** Talks to the systemd user manager; every answer, also "there is none", is data. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Answer {
  ok: boolean;
  out: string;
  /** One line: what went wrong. Empty when ok. */
  problem: string;
  /** The program itself is not installed. */
  missing: boolean;
}

export type Systemctl = (...args: string[]) => Promise<Answer>;

/** A reload of 500 timers takes under a second; far above that the manager hangs. */
const patience = 30_000;

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

function runProgram(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env, timeout: patience, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' } as const;
    execFile(program, args, options, (error, out, err) => {
      const missing = error?.code === 'ENOENT';
      const said = err.trim().split('\n', 1)[0] || error?.message.split('\n', 1)[0] || '';
      const problem = missing
        ? `${program} is not installed`
        : error?.killed
          ? `${program} did not answer in time`
          : said;
      resolve({ ok: error === null, out, problem: error === null ? '' : problem, missing });
    });
  });
}
