/** Package registries are those that this machine is set to, wherever each tool keeps that; inside they can only be read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registries } from '#contract/routines.ts';
import { registryAccess } from '#host/egress/registries.ts';
import { scratch } from '../fakes/places.ts';
import { web } from './egress-fixture.ts';
import { ground, hands, noSandbox } from './sandbox-fixture.ts';

/** A machine with these files and variables, and nothing else. `etc/…` is of the whole machine. */
function machine(files: Record<string, string>, env: Record<string, string> = {}) {
  const root = scratch('machine');
  const home = join(root, 'home');
  for (const [path, text] of Object.entries(files)) {
    const file = join(/^(etc|usr)\//.test(path) ? root : home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { env, home, system: root };
}

const npmrc = 'registry = https://packages.example.org/npm/\n@own:registry=http://own.example.org:4873\n';
const cargo =
  '[source.crates-io]\nreplace-with = "own"\n[source.own]\nregistry = "sparse+https://crates.example.org/"\n';
const settingsXml = '<mirror><id>own</id><url>https://maven.example.org/all</url></mirror>';

describe('what a machine is set to', () => {
  test.each([
    ['npm', { '.npmrc': npmrc }, {}, ['packages.example.org:443', 'own.example.org:4873']],
    ['npm', { 'etc/npmrc': 'registry=https://etc.example.org' }, {}, ['etc.example.org:443']],
    ['npm', {}, { npm_config_registry: 'https://env.example.org/' }, ['env.example.org:443']],
    ['yarn', { '.yarnrc.yml': 'npmRegistryServer: "https://yarn.example.org"\n' }, {}, ['yarn.example.org:443']],
    ['pypi', { 'etc/pip.conf': '[global]\nindex-url = https://pip.example.org/simple\n' }, {}, ['pip.example.org:443']],
    [
      'pypi',
      {},
      { PIP_EXTRA_INDEX_URL: 'http://a.example.org http://b.example.org:81' },
      ['a.example.org:80', 'b.example.org:81'],
    ],
    ['go', {}, { GOPROXY: 'https://go.example.org,direct' }, ['go.example.org:443']],
    ['go', { '.config/go/env': 'GOPROXY=https://go.example.org|off\n' }, {}, ['go.example.org:443']],
  ])('%s: %j %j', async (name, files, env, entries) => {
    expect((await registryAccess([name], machine(files as Record<string, string>, env))).entries).toEqual(entries);
  });

  test.each([
    ['crates', '.cargo/config.toml', cargo, 'crates.example.org:443'],
    ['rubygems', '.gemrc', ':sources:\n- https://gems.example.org/\n', 'gems.example.org:443'],
    ['maven', '.m2/settings.xml', settingsXml, 'maven.example.org:443'],
  ])('%s cannot be told inside, so its public one stays beside the own one', async (name, file, text, own) => {
    const { entries, environment } = await registryAccess([name], machine({ [file]: text }));
    const usual = (await registryAccess([name], machine({}))).entries;
    expect(usual.length).toBeGreaterThan(0);
    expect({ entries, environment }).toEqual({ entries: [own, ...usual], environment: {} });
  });

  test('a variable goes before a file; a name and a key in an address stay outside', async () => {
    const env = { npm_config_registry: 'https://me:s3cr3t@first.example.org/npm/?token=s3cr3t' };
    const { entries, environment } = await registryAccess(['npm'], machine({ '.npmrc': npmrc }, env));
    expect(entries[0]).toBe('first.example.org:443');
    expect(environment).toEqual({ NPM_CONFIG_REGISTRY: 'https://first.example.org/npm/' });
  });

  test.each([...registries])(
    '%s: a machine that says nothing takes the public one, and nothing is told',
    async (name) => {
      const { entries, environment } = await registryAccess([name], machine({}));
      expect(entries.every((entry) => entry.endsWith(':443'))).toBe(true);
      expect({ some: entries.length > 0, environment }).toEqual({ some: true, environment: {} });
    },
  );

  test('a name that is none is refused', async () => {
    await expect(registryAccess(['npn'], machine({}))).rejects.toMatchObject({ code: 'input', field: 'network' });
  });
});

describe.skipIf(noSandbox)('a registry on this machine, from inside (Linux only)', () => {
  test('is told to the programs there, can be read and not written to', async () => {
    const site = await web((_request, response) => void response.end('package'));
    const own = machine({}, { npm_config_registry: `http://127.0.0.1:${site.port}/` });
    const network = { allow: [], registries: ['npm'] };
    const { bash } = await hands(ground(), { network: { machine: own } }, 'write', { network });
    expect((await bash('curl -sS "$NPM_CONFIG_REGISTRY"left-pad')).text).toBe('package');
    expect((await bash('curl -sS -X PUT -d x "$NPM_CONFIG_REGISTRY"left-pad')).text).toContain('net.read_only');
    expect(site.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /left-pad']);
  });
});
