/**
 * What it takes to put the Linux sandbox into a distribution of its own on Windows, as pure functions. Nothing here has
 * run on a real system, so no run is started with it: the doctor shows it as what a person can do.
 */
import { Fault } from '#contract/faults.ts';
import type { Limits } from './limits.ts';
import { type Cover, type Policy, policy, type View } from './policy-linux.ts';

/** Name of the distribution that belongs to Nightshift alone. */
export const distribution = 'Nightshift';

/**
 * The distribution's `/etc/wsl.conf`: no drive of Windows is mounted, no program of Windows can be started from inside,
 * and none of its folders is on the search path. The user is not root.
 */
export function wslConf(): string {
  return [
    '[automount]\nenabled=false\nmountFsTab=false',
    '[interop]\nenabled=false\nappendWindowsPath=false',
    '[user]\ndefault=nightshift',
    '[boot]\nsystemd=true',
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

/** Arguments of `wsl.exe` that run one program there, with no shell in between. Throws `input` for what it cannot be told. */
export function wslArguments(command: string[], directory = '/'): string[] {
  if (!directory.startsWith('/')) throw unfit(directory);
  for (const word of [directory, ...command]) if (word.includes('\0') || !word.isWellFormed()) throw unfit(word);
  return ['--distribution', distribution, '--cd', directory, '--exec', ...command];
}

/**
 * What WSL itself leaves lying in every distribution is covered, so that no way leads to Windows even if somebody
 * switches interop on again. Sockets of the AF_VSOCK family are refused by the system call filter.
 */
const covers: Cover[] = [
  { target: '/run/WSL', kind: 'folder' },
  { target: '/mnt', kind: 'folder' },
  { target: '/init', kind: 'file' },
];

/** The Linux sandbox's own policy, submodules' folders and all, and those covers. */
export function wslPolicy(view: View, limits: Limits): Policy {
  return policy({ ...view, covers: [...view.covers, ...covers] }, limits);
}

/** A path of Windows as one of the distribution; null: it is on a drive, where no worktree of a run may be. */
export function insideDistribution(path: string): string | null {
  const share = /^\\\\(?:wsl\.localhost|wsl\$)\\([^\\]+)((?:\\[^\\]+)*)\\?$/i.exec(path);
  if (share?.[1]?.toLowerCase() !== distribution.toLowerCase()) return null;
  const names = (share[2] ?? '').split('\\').filter(Boolean);
  return names.includes('..') || names.includes('.') ? null : `/${names.join('/')}`;
}

/** What a person does, one step each; the last is what then works as on any Linux. */
export function wslSteps(): string[] {
  return [
    `wsl --install --distribution Ubuntu-24.04 --name ${distribution}`,
    `write its /etc/wsl.conf: ${wslConf().trim().replace(/\n+/g, '; ')}`,
    `wsl --terminate ${distribution}`,
    'install and start Nightshift inside it, with the repositories inside it too',
  ];
}

function unfit(word: string): Fault {
  return new Fault('input', `${JSON.stringify(word)} cannot be handed to a program inside WSL.`, {
    field: 'command',
    cure: 'Give absolute paths and plain text.',
  });
}
