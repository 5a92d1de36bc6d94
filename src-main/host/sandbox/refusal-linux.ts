/** Turns what bubblewrap said when it would not start into the one thing a person can do about it. */
import { readFileSync } from 'node:fs';
import { Fault } from '#contract/faults.ts';

/** The first oldest version with every option the policy needs. */
export const oldestBubblewrap = '0.8.0';
const install = 'Install bubblewrap, for example: sudo apt install bubblewrap';

/** What the kernel says about user namespaces; null where it has no such switch. */
export interface KernelSwitches {
  apparmorRestricts: string | null;
  unprivilegedClone: string | null;
  maxNamespaces: string | null;
}

export function readSwitches(): KernelSwitches {
  return {
    apparmorRestricts: read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    unprivilegedClone: read('/proc/sys/kernel/unprivileged_userns_clone'),
    maxNamespaces: read('/proc/sys/user/max_user_namespaces'),
  };
}

export function notInstalled(bwrap: string): Fault {
  return new Fault('sandbox.unavailable', `The sandbox needs bubblewrap, and ${bwrap} cannot be started.`, {
    cure: install,
  });
}

export function wrongPlatform(platform: NodeJS.Platform): Fault {
  const name = { darwin: 'macOS', win32: 'Windows' }[platform as string] ?? platform;
  return new Fault('sandbox.unavailable', `There is no sandbox for ${name} yet, and nothing runs without one.`, {
    cure:
      platform === 'win32'
        ? 'Run Nightshift inside WSL 2, or on Linux.'
        : 'Run Nightshift on Linux, or in a Linux virtual machine.',
  });
}

/** `said`: what bubblewrap or the hands wrote to stderr before they ended. */
export function refusal(said: string, switches: KernelSwitches, root: boolean): Fault {
  const because = said.trim().split('\n').slice(-3).join(' · ').slice(0, 600) || 'it ended without a word';
  return new Fault('sandbox.unavailable', `The sandbox could not be set up: ${because}`, {
    cure: cureFor(said, switches, root),
  });
}

function cureFor(said: string, switches: KernelSwitches, root: boolean): string {
  if (/bwrap\S*: (not found|no such file)/i.test(said)) return install;
  if (/unknown option/i.test(said)) return `Install bubblewrap ${oldestBubblewrap} or newer: this one is too old.`;
  if (/mount proc|mounting proc/i.test(said)) {
    return 'This container hides parts of /proc. Start it with: --security-opt systempaths=unconfined --security-opt seccomp=unconfined';
  }
  if (/namespace|uid map|setting up|loopback|operation not permitted|permission denied/i.test(said)) {
    if (switches.maxNamespaces === '0') return 'Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000';
    if (!root && switches.unprivilegedClone === '0') {
      return 'Allow user namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1';
    }
    if (!root && switches.apparmorRestricts === '1') {
      return 'Let AppArmor allow bubblewrap: sudo apt install apparmor-profiles && sudo cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo systemctl reload apparmor';
    }
    return 'Allow user namespaces on this system; in a container, start it with --security-opt seccomp=unconfined.';
  }
  return 'Run nightshift doctor, and look at the host log.';
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
