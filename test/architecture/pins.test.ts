/** What is installed is what was tried: exact versions, one lockfile, integrity for every package, no registry by name. */
import { describe, expect, test } from 'vitest';
import { read } from './product-files.ts';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const exact = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+$/;
const manifest = JSON.parse(read('package.json'));
const locked: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages;
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

describe('package.json', () => {
  test('names exact versions', () => {
    const all = kinds.flatMap((kind) => Object.entries<string>(manifest[kind] ?? {}));
    console.log(`pins: ${all.length} direct, ${Object.keys(locked).length - 1} locked packages`);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(([, version]) => !exact.test(version))).toEqual([]);
  });

  test.each(['^1.2.3', '~1.2.3', '1.2', 'latest', '*', 'github:a/b', 'npm:@a/b@^1.2.3'])('%s is not exact', (version) =>
    expect(version).not.toMatch(exact),
  );
});

describe('package-lock.json', () => {
  const packages = Object.entries(locked).filter(([path, entry]) => path !== '' && !entry.link);

  test('agrees with package.json', () => {
    for (const kind of kinds) expect(locked['']?.[kind as never] ?? {}).toEqual(manifest[kind] ?? {});
  });

  test('names no host: whoever installs has a registry of their own', () => {
    expect(packages.filter(([, entry]) => entry.resolved).map(([path]) => path)).toEqual([]);
  });

  test('has the integrity of every package that this system installs', () => {
    expect(packages.length).toBeGreaterThan(100);
    // Tools of other systems, which the registry of whoever made the lockfile may not hold.
    const elsewhere = ({ optional, os }: Locked) => optional && os !== undefined && !os.includes('linux');
    const musl = ({ optional, libc, cpu }: Locked) => optional && (libc?.includes('musl') || !cpu?.includes('x64'));
    const bare = packages.filter(([, entry]) => !entry.integrity?.startsWith('sha512-'));
    expect(bare.filter(([, entry]) => !elsewhere(entry) && !musl(entry)).map(([path]) => path)).toEqual([]);
  });

  test('names every package that a listed one may want, so that a clean install accepts it', () => {
    const names = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, '')));
    const wanted = packages.flatMap(([, { dependencies, optionalDependencies }]) => [
      ...Object.keys(dependencies ?? {}),
      ...Object.keys(optionalDependencies ?? {}),
    ]);
    expect([...new Set(wanted)].filter((name) => !names.has(name))).toEqual([]);
  });
});
