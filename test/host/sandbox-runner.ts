/** Launches hands, runs the commands it was given, prints one line of JSON; with `stay` it then waits to be killed. */
import type { NetworkSpec } from '#core/ports.ts';
import { createSandbox } from '#host/sandbox/launch.ts';

const { worktree, gitDirectory, commands, stay, network } = JSON.parse(process.argv[2] ?? '') as {
  worktree: string;
  gitDirectory: string;
  commands: string[];
  stay: boolean;
  network?: NetworkSpec;
};
const sandbox = createSandbox({ log: { info: () => {}, error: () => {} } });
const hands = await sandbox.launch({
  run: 'run-00000002',
  worktree,
  gitDirectory,
  access: 'write',
  ...(network ? { network } : {}),
});
const results = [];
for (const command of commands) results.push(await hands.call('Bash', { command, timeout: 20_000 }));
console.log(JSON.stringify({ enforced: hands.enforced, results }));
if (stay) setInterval(() => {}, 60_000);
else await hands.close();
