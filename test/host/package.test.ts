/** What is built and packed: each door's file pulls in only what its process may have, and the package holds what it must. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const out = join(root, 'out');
const built = ['main/host.js', 'main/hands.js', 'preload/index.cjs', 'renderer/index.html'].every((file) =>
  existsSync(join(out, file)),
);
const settings = parse(readFileSync(join(root, 'resources/electron-builder.yml'), 'utf8'));
const from = createRequire(createRequire(join(root, 'package.json')).resolve('electron-builder'));

/** Bare modules that a built file asks for, its chunks included. */
function imported(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, name = ''] of source.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*["']([^"']+)["']/g)) {
    if (!name.startsWith('.')) found.add(name);
    else if (existsSync(resolve(dirname(file), name)))
      for (const inner of imported(resolve(dirname(file), name), seen)) found.add(inner);
  }
  return found;
}

describe('the settings of the package', () => {
  const validate = async (config: object): Promise<void> => {
    const { validateConfiguration } = from('app-builder-lib/out/util/config/config.js');
    const { DebugLogger } = from('builder-util');
    await validateConfiguration(config, new DebugLogger(false));
  };

  test('are what the packer understands', async () => {
    await expect(validate(settings)).resolves.toBeUndefined();
  });
  test('would be refused with a misspelt key', async () => {
    await expect(validate({ ...settings, asarUnpak: [] })).rejects.toThrow('asarUnpak');
  });
  test('pass the schemes of the deep links and keep the executable usable as Node', () => {
    expect(settings.protocols[0].schemes).toEqual(['nightshift']);
    expect(settings.electronFuses.runAsNode).toBe(true);
  });
});

describe.skipIf(!built)('the build (skipped where nothing is built: npm run build)', () => {
  test('the hands need Node alone', () => {
    const modules = [...imported(join(out, 'main/hands.js'))];
    expect(modules.length).toBeGreaterThan(0);
    expect(modules.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))).toEqual([]);
    // It is unpacked alone, so it must not lean on the chunks beside it.
    expect(readFileSync(join(out, 'main/hands.js'), 'utf8')).not.toMatch(/from\s*["']\./);
  });
  test('the host and the terminal know nothing of Electron or of screens', () => {
    for (const file of ['main/host.js', 'main/cli.js', 'main/keyring.js']) {
      const modules = [...imported(join(out, file))];
      expect(modules.filter((name) => /^(electron|react|react-dom|zustand)($|\/)/.test(name))).toEqual([]);
    }
  });
  test('the preload is CommonJS and needs Electron alone', () => {
    const source = readFileSync(join(out, 'preload/index.cjs'), 'utf8');
    expect([...imported(join(out, 'preload/index.cjs'))]).toEqual(['electron']);
    expect(source).not.toMatch(/^\s*(import|export)\s/m);
    expect(source.match(/exposeInMainWorld\([^)]*\)/g)).toHaveLength(1);
  });
  test('the page asks for no module of Node, and has no script or style in its text', () => {
    const page = readFileSync(join(out, 'renderer/index.html'), 'utf8');
    expect(page).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son[a-z]+=/i);
    const scripts = readdirSync(join(out, 'renderer/assets')).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts)
      expect(readFileSync(join(out, 'renderer/assets', script), 'utf8')).not.toMatch(/["'`]node:[a-z]/);
  });
});

const packable = built && process.platform === 'linux' && process.arch === 'x64';
describe.skipIf(!packable)('the package (skipped without a build, or off Linux x64)', () => {
  let folder: string;
  let packed: string[] = [];
  let archive: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nightshift-package-'));
    const shell = join(folder, 'electron');
    const asar = createRequire(from.resolve('app-builder-lib/package.json'))('@electron/asar');
    standInForElectron(shell);
    const config = join(folder, 'config.json');
    // Fuses are bits in the real executable, which the stand-in has not.
    const { electronFuses: _fuses, ...rest } = settings;
    const directories = { ...settings.directories, output: join(folder, 'dist') };
    writeFileSync(config, JSON.stringify({ ...rest, directories, electronDist: shell }));
    const cli = join(root, 'node_modules/electron-builder/cli.js');
    const argv = [cli, '--linux', 'dir', '--x64', '--publish', 'never', '--config', config, '--projectDir', root];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    archive = join(folder, 'dist/linux-unpacked/resources/app.asar');
    packed = asar.listPackage(archive, { isPack: false });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds every entry, the page and the shipped resources', () => {
    const needed = ['/out/main/electron.js', '/out/main/host.js', '/out/main/cli.js', '/out/main/hands.js'];
    needed.push('/out/preload/index.cjs', '/out/renderer/index.html', '/resources/tray/idle.png', '/package.json');
    expect(packed).toEqual(expect.arrayContaining(needed));
  });
  test('holds nothing that only builds or proves it, and no second runtime', () => {
    const names = packed.join('\n');
    expect(names).not.toMatch(/^\/(test|src-[a-z]+)\//m);
    expect(names).not.toMatch(/^\/node_modules\/(react|vite|vitest|electron|typescript|node-[a-z]+-[a-z0-9]+)\//m);
  });
  test('holds native code for this platform only, outside the archive', () => {
    const native = packed.filter((name) => name.endsWith('.node'));
    expect(native.length).toBeGreaterThan(0);
    for (const name of native) {
      expect(name).toContain('linux-x64');
      expect(existsSync(join(`${archive}.unpacked`, name))).toBe(true);
    }
  });
});

/** The files the packer looks for; nothing in them is ever run. */
function standInForElectron(shell: string): void {
  mkdirSync(join(shell, 'locales'), { recursive: true });
  mkdirSync(join(shell, 'resources'));
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler', 'LICENSE', 'LICENSES.chromium.html'])
    writeFileSync(join(shell, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  writeFileSync(join(shell, 'locales/en-US.pak'), '');
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'));
  writeFileSync(join(shell, 'version'), version);
}
