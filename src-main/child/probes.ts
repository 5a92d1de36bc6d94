/** Tries from the inside what must not work; each probe says in words what holds when it does. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Orders } from './tool-host.ts';

interface Probe {
  name: string;
  held: boolean;
}

const secret = /key|token|secret|password|credential|cookie/i;

export function probe(orders: Orders): Probe[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const places = [
    '/',
    '/etc',
    '/usr',
    '/dev',
    '/opt/nightshift',
    ...(orders.git ? ['/repository.git', '/workspace/.git'] : []),
  ];
  const probes: Probe[] = [
    { name: 'home directories invisible', held: !existsSync('/home') && !existsSync('/root') },
    { name: 'system secrets invisible', held: !readable('/etc/shadow') && !readable('/etc/ssl/private') },
    { name: 'only the worktree and /tmp writable', held: !places.some((path) => existsSync(path) && writable(path)) },
    { name: 'no network', held: interfaces().every((name) => name === 'lo') && routes() === 0 },
    {
      name: 'no privileges',
      held: /^NoNewPrivs:\t1$/m.test(status) && /^CapBnd:\t0+$/m.test(status) && /^CapEff:\t0+$/m.test(status),
    },
    {
      name: 'processes of the host invisible',
      held: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length <= 3,
    },
    {
      name: 'no secrets in the environment',
      held: !Object.keys(process.env).some((name) => secret.test(name) && !name.startsWith('GIT_CONFIG_')),
    },
    { name: 'no open files of the host', held: inherited().length === 0 },
    ...orders.limits.map(({ name, row, value }) => ({ name, held: limit(limits, row) <= value })),
  ];
  if (orders.filter) probes.push({ name: 'dangerous system calls refused', held: /^Seccomp:\t2$/m.test(status) });
  if (orders.git) probes.push({ name: 'git directory read-only', held: !writable('/repository.git') });
  if (orders.access === 'read') probes.push({ name: 'worktree read-only', held: !writable('/workspace') });
  return probes;
}

function writable(path: string): boolean {
  return may(path, constants.W_OK);
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
