/** Which package registries this machine is set to use: addresses, from the places where each ecosystem's tools look. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { registries } from '#contract/routines.ts';

export type Registry = (typeof registries)[number];

export interface Machine {
  env: NodeJS.ProcessEnv;
  home: string;
  /** Where `/etc` and its like are looked for; the root of the file system unless given. */
  system?: string;
}

interface Place {
  /** In lower or upper case. Several addresses are parted by blanks, commas or bars. */
  variables?: readonly string[];
  /** Below the home directory. */
  files?: readonly string[];
  /** Of the whole machine. */
  systemFiles?: readonly string[];
  /** Finds what stands for an address in a file, as its first group; once for each line. */
  line?: RegExp;
}

const npmrc = /^\s*(?:@[\w.-]+:)?registry\s*=\s*["']?([^\s"']+)/gm;

/** In the order in which the tools themselves prefer them. */
const places: Record<Registry, readonly Place[]> = {
  npm: [
    { variables: ['npm_config_registry'] },
    { files: ['.npmrc'], systemFiles: ['usr/local/etc/npmrc', 'usr/etc/npmrc', 'etc/npmrc'], line: npmrc },
  ],
  yarn: [
    { variables: ['yarn_npm_registry_server', 'yarn_registry'] },
    { files: ['.yarnrc.yml'], line: /^\s*npmRegistryServer:\s*["']?([^\s"']+)/gm },
    { files: ['.yarnrc'], line: /^\s*"?registry"?\s+["']?([^\s"']+)/gm },
    { files: ['.npmrc'], line: npmrc },
  ],
  pypi: [
    { variables: ['pip_index_url', 'pip_extra_index_url', 'uv_default_index', 'uv_index_url', 'uv_index'] },
    {
      files: ['.config/pip/pip.conf', 'Library/Application Support/pip/pip.conf', '.pip/pip.conf'],
      systemFiles: ['etc/pip.conf'],
      line: /^\s*(?:extra-)?index-url\s*=\s*(\S+)/gm,
    },
  ],
  crates: [{ files: ['.cargo/config.toml', '.cargo/config'], line: /^\s*(?:registry|index)\s*=\s*["']([^"']+)["']/gm }],
  go: [
    { variables: ['goproxy'] },
    { files: ['.config/go/env', 'Library/Application Support/go/env'], line: /^GOPROXY=(\S+)/gm },
  ],
  rubygems: [{ files: ['.gemrc'], line: /^\s*-\s+["']?(https?:[^\s"']+)/gm }],
  maven: [{ files: ['.m2/settings.xml'], line: /<url>\s*(https?:[^\s<]+)\s*<\/url>/g }],
};

/** Each once, without a name or a secret in it; empty: the machine says nothing, so the tools take their public one. */
export async function ownRegistries(registry: Registry, machine: Machine): Promise<URL[]> {
  const found = new Map<string, URL>();
  for (const place of places[registry])
    for (const text of await textsOf(place, machine))
      for (const word of text.split(/[\s,|]+/)) {
        const url = address(word);
        if (url) found.set(url.href, url);
      }
  return [...found.values()];
}

async function textsOf({ variables = [], files = [], systemFiles = [], line }: Place, machine: Machine) {
  const { env, home, system = '/' } = machine;
  const set = variables.flatMap((name) => env[name] ?? env[name.toUpperCase()] ?? []);
  const paths = [...files.map((file) => join(home, file)), ...systemFiles.map((file) => join(system, file))];
  const read = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  return [...set, ...read.flatMap((text) => (line ? [...text.matchAll(line)].map(([, word = '']) => word) : []))];
}

/** A key in the address stays outside: programs in the sandbox are told the address alone. */
function address(word: string): URL | null {
  const url = URL.parse(word.replace(/^sparse\+/, ''));
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url;
}
