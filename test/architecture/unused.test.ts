/** Unused code is found: a file nobody loads, and a name nobody asks for. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './product-files.ts';

const files = {
  'src-main/cli/main.ts': `import { used } from './parts.ts';\nimport { far } from '#host/far.ts';\nconsole.log(used, far);\n`,
  'src-main/cli/parts.ts': 'export const used = 1;\nexport const unasked = 2;\n',
  'src-main/cli/orphan.ts': 'export const x = 1;\n',
  'src-main/host/far.ts': 'export const far = 1;\n',
};
const pkg = { name: 'canary', type: 'module', imports: { '#host/*': './src-main/host/*' } };

let cage: string;
beforeAll(() => {
  cage = mkdtempSync(join(tmpdir(), 'nightshift-unused-'));
  symlinkSync(join(root, 'node_modules'), join(cage, 'node_modules'));
  mkdirSync(join(cage, 'test'));
  cpSync(join(root, 'test/knip.json'), join(cage, 'test/knip.json'));
  for (const [file, source] of Object.entries({ ...files, 'package.json': JSON.stringify(pkg) })) {
    mkdirSync(dirname(join(cage, file)), { recursive: true });
    writeFileSync(join(cage, file), source);
  }
});
afterAll(() => rmSync(cage, { recursive: true, force: true }));

test('an orphaned file and an unasked export are refused, what is used is not', () => {
  const knip = join(root, 'node_modules/knip/bin/knip.js');
  const argv = [knip, '--config', 'test/knip.json', '--include', 'files,exports', '--reporter', 'json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: cage, encoding: 'utf8' });
  expect(status, stderr).toBe(1);
  const found: { file: string; files: { name: string }[]; exports: { name: string }[] }[] = JSON.parse(stdout).issues;
  const named = found.flatMap(({ file, files: orphans, exports }) => [
    ...orphans.map(() => file),
    ...exports.map(({ name }) => `${file}: ${name}`),
  ]);
  console.log(`unused: ${named.length} canaries found`);
  expect(named.sort()).toEqual(['src-main/cli/orphan.ts', 'src-main/cli/parts.ts: unasked']);
});
