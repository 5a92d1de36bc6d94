/** Tries from the inside what must not work; each probe says in words what holds when it does. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
} from 'node:fs';
import type { Probe } from '#contract/hands.ts';
import { kernelProbes } from './kernel-probes.ts';
import type { Orders } from './tool-host.ts';
import { askProxy } from './way-out.ts';

/** bubblewrap's, this one, and three of the program that has just tried system calls and is leaving. */
const ownProcesses = 5;
/** The kernel's own files: for a host of user 0 they would be writable, and are the way out of a container. */
const settings = ['/proc/sys/kernel/core_pattern', '/proc/sys/vm/panic_on_oom', '/proc/sysrq-trigger', '/proc/1/mem'];
const secret = /key|token|secret|password|credential|cookie/i;

export async function probe(orders: Orders): Promise<Probe[]> {
  const tried = Promise.all([networkProbes(orders.proxy), kernelProbes(orders.filter, orders.kernelReport)]);
  // Looked at while the others are under way.
  const seen = still(orders);
  const rest = (await tried).flat();
  // Now that the program which tries system calls has reported: while it is at work, it is more than one process.
  return [...seen, ownProcessesOnly(), ...rest];
}

function ownProcessesOnly(): Probe {
  const count = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
  const held = count <= ownProcesses;
  return { name: 'processes of the host invisible', held, seen: `${count} processes can be seen` };
}

/** What can be seen without starting anything. */
function still(orders: Orders): Probe[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const places = [
    ...['/', '/etc', '/usr', '/dev', '/opt/nightshift'],
    ...(orders.git ? ['/repository.git', '/workspace/.git'] : []),
  ];
  const open = [
    ...places.filter((path) => existsSync(path) && writable(path)),
    ...settings.filter((path) => existsSync(path) && opens(path)),
  ];
  const shared = Object.entries(orders.namespaces).filter(
    ([kind, name]) => name === readlinkSync(`/proc/self/ns/${kind}`),
  );
  const homes = ['/home', '/root', '/var', '/mnt', '/media', '/sys'].filter((path) => existsSync(path));
  const variables = Object.keys(process.env);
  const probes: Probe[] = [
    {
      name: 'home directories invisible',
      held: homes.length === 0,
      seen:
        homes.length === 0 ? 'there is no /home, /root, /var, /mnt, /media or /sys' : `there is ${homes.join(', ')}`,
    },
    { name: 'system secrets invisible', held: !readable('/etc/shadow') && !readable('/etc/ssl/private') },
    {
      name: 'only the worktree and /tmp writable',
      held: open.length === 0,
      seen: `${open.length === 0 ? 'none' : open.join(', ')} of ${[...places, ...settings].join(', ')} may be written`,
    },
    {
      name: 'no privileges',
      held: /^NoNewPrivs:\t1$/m.test(status) && /^CapBnd:\t0+$/m.test(status) && /^CapEff:\t0+$/m.test(status),
      seen: 'no capability is held or can be had; no program gives more rights',
    },
    {
      name: 'namespaces of its own',
      held: shared.length === 0,
      seen:
        shared.length === 0
          ? `${Object.keys(orders.namespaces).join(', ')} are not the host's`
          : `${shared.map(([kind]) => kind).join(', ')} shared with the host`,
    },
    {
      name: 'no secrets in the environment',
      held: !variables.some((name) => secret.test(name) && !name.startsWith('GIT_CONFIG_')),
      seen: `${variables.length} variables, none named like a secret`,
    },
    { name: 'no open files of the host', held: inherited().length === 0 },
    ...orders.limits.map(({ name, row, value }) => ({ name, held: limit(limits, row) <= value })),
  ];
  if (orders.git) probes.push({ name: 'git directory read-only', held: !open.includes('/repository.git') });
  if (orders.access === 'read') probes.push({ name: 'worktree read-only', held: !writable('/workspace') });
  return probes;
}

async function networkProbes(proxy: Orders['proxy']): Promise<Probe[]> {
  const [names, ways] = [interfaces(), routes()];
  const found = `interfaces: ${names.join(', ')}; routes: ${ways}`;
  const alone = names.every((name) => name === 'lo') && ways === 0;
  if (!proxy) return [{ name: 'no network', held: alone, seen: found }];
  const { answered, refused } = proxy.probes;
  const [yes, no] = await Promise.all([askProxy(proxy.port, answered), askProxy(proxy.port, refused)]);
  return [
    { name: 'no network but the proxy', held: alone, seen: found },
    { name: 'the proxy answers', held: / 204 /.test(yes), seen: yes || 'no answer' },
    { name: 'a host that is not allowed is refused', held: / 403 /.test(no), seen: no || 'no answer' },
  ];
}

/** Opening changes nothing. */
function opens(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY));
    return true;
  } catch {
    return false;
  }
}

/** Only trying tells: what is mounted read-only may still look writable, and the other way round. */
function writable(path: string): boolean {
  const file = `${path}/.nightshift-probe`;
  try {
    closeSync(openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
    unlinkSync(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' && may(path, constants.W_OK);
  }
}

function readable(path: string): boolean {
  return may(path, constants.R_OK);
}

function may(path: string, how: number): boolean {
  try {
    accessSync(path, how);
    return true;
  } catch {
    return false;
  }
}

/** Open files that neither we nor the kernel's own interfaces account for. */
function inherited(): string[] {
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // The descriptor of this very listing.
    }
  });
  return open.filter((path) => path.startsWith('/') && !/^\/(dev|proc|opt\/nightshift)\//.test(path));
}

function interfaces(): string[] {
  return readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2)
    .map((row) => row.split(':')[0]?.trim() ?? '')
    .filter(Boolean);
}

function routes(): number {
  return readFileSync('/proc/net/route', 'utf8').trim().split('\n').length - 1;
}

/** The soft limit of one row, in its unit; infinite when there is none. */
function limit(table: string, row: string): number {
  const value = table
    .split('\n')
    .find((line) => line.startsWith(row))
    ?.slice(row.length)
    .trim()
    .split(/\s+/)[0];
  return value === undefined || value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value);
}
