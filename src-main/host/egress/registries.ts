/** Where packages come from: hosts that a run may read from, and never write to. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { registries } from '#contract/routines.ts';
import { resource } from '#host/self.ts';
import { type Machine, ownRegistries, type Registry } from './own-registries.ts';

export interface RegistryAccess {
  /** `host:port`. */
  entries: string[];
  /** Tells programs inside, where no home directory is seen, what this machine is set to. */
  environment: Record<string, string>;
}

const name = z.enum(registries);
/** The hosts that each ecosystem's own tools ask where nothing is set, as their documentation names them. */
const Public = z.record(name, z.array(z.string()));

/** Variables by which a tool can be told; without one it asks its public registry whatever the home directory says. */
const told: Partial<Record<Registry, readonly string[]>> = {
  npm: ['NPM_CONFIG_REGISTRY'],
  yarn: ['YARN_NPM_REGISTRY_SERVER', 'YARN_REGISTRY'],
  pypi: ['PIP_INDEX_URL', 'UV_DEFAULT_INDEX'],
  go: ['GOPROXY'],
};

/** What this machine is set to, else the public registries. Throws `input` for a name that is none. */
export async function registryAccess(names: readonly string[], machine: Machine): Promise<RegistryAccess> {
  const access: RegistryAccess = { entries: [], environment: {} };
  if (names.length === 0) return access;
  const usual = Public.parse(JSON.parse(await readFile(resource('registries.json'), 'utf8')));
  for (const each of names) {
    const registry = known(each);
    const own = await ownRegistries(registry, machine);
    const variables = told[registry] ?? [];
    access.entries.push(...own.map(entryOf));
    if (own.length === 0 || variables.length === 0)
      access.entries.push(...usual[registry].map((host) => `${host}:443`));
    const [first] = own;
    if (first) for (const variable of variables) access.environment[variable] = first.href;
  }
  return { ...access, entries: [...new Set(access.entries)] };
}

function known(text: string): Registry {
  const found = name.safeParse(text);
  if (found.success) return found.data;
  throw new Fault('input', `There is no package registry named '${text}'.`, {
    field: 'network',
    cure: `Use one of: ${registries.join(', ')}.`,
  });
}

const entryOf = ({ hostname, port, protocol }: URL): string =>
  `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
