/** Keeps the machine awake through a program of the system that ends with this process, also when that is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Awake, Log } from '#core/ports.ts';

export interface AwakeOptions {
  env: NodeJS.ProcessEnv;
  log: Log;
  platform?: NodeJS.Platform;
}

export function createAwake({ env, log, platform = process.platform }: AwakeOptions): Awake {
  let told = false;
  const tellOnce = (why: string) => {
    if (!told) log.info('nothing keeps the machine awake during runs', { why });
    told = true;
  };

  return {
    hold(why) {
      const [program, ...args] = holder(platform, why);
      if (program === undefined) {
        tellOnce(`on ${platform} no program of the system does that`);
        return () => {};
      }
      // The pipe is what ties it to this process: it closes with it, whatever becomes of it.
      const child: ChildProcess = spawn(program, args, { env, stdio: ['pipe', 'ignore', 'ignore'], windowsHide: true });
      let released = false;
      child.stdin?.on('error', () => {});
      child.on('error', (error) => tellOnce(error.message));
      child.on('exit', (code) => {
        if (!released) tellOnce(`${program} ended with code ${code}`);
      });
      child.unref();
      return () => {
        if (released) return;
        released = true;
        child.stdin?.end();
        child.kill();
      };
    },
  };
}

/** Program and arguments; nothing where a system has none. */
function holder(platform: NodeJS.Platform, why: string): string[] {
  if (platform === 'linux')
    // systemd-inhibit(1) holds as long as its command lives; `cat` lives as long as our end of the pipe.
    return ['systemd-inhibit', '--what=sleep:idle', '--mode=block', '--who=Nightshift', `--why=${why}`, 'cat'];
  // caffeinate(8): -i prevents idle sleep, -w ends it with the process of that id.
  if (platform === 'darwin') return ['caffeinate', '-i', '-w', `${process.pid}`];
  return [];
}
