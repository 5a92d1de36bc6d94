/** `nightshift/sdk` as a package: packed, put into a project of its own, compiled there and run on this Node, as the README says. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { productRoot } from '#host/self.ts';
import { call, reply, say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';

const run = promisify(execFile);
const tsc = join(productRoot, 'node_modules/typescript/bin/tsc');

/** The program of the README. */
function example(): string {
  const section = readFileSync(join(productRoot, 'README.md'), 'utf8').split('\n## In your own program\n')[1] ?? '';
  const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(section) ?? [];
  expect(program).toContain("from 'nightshift/sdk'");
  return program;
}

/** A project whose other packages are those of this clone: what `npm install` would fetch. */
function project(): string {
  const folder = scratch('nightshift-consumer');
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', type: 'module', private: true }));
  const options = { module: 'NodeNext', target: 'ES2024', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['agent.ts'] }));
  writeFileSync(join(folder, 'agent.ts'), example());
  writeFileSync(join(folder, 'notes.txt'), 'Order more on Friday.\n');
  return folder;
}

const linkTo = (folder: string, name: string, target: string) => {
  mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
  symlinkSync(target, join(folder, 'node_modules', name));
};

async function compiledAndRun(folder: string) {
  const { stdout } = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).catch((error) => {
    throw new Error(error.stdout || error.stderr);
  });
  expect(stdout).toBe('');
  const api = await startMessagesServer([
    reply([call('stock', { sku: 'a-1' }), call('Read', { file_path: 'notes.txt' })]),
    reply([call('Bash', { command: 'rm notes.txt' })]),
    say('Twelve are left.'),
  ]);
  onTestFinished(() => api.close());
  const env = { PATH: process.env.PATH, HOME: scratch(), ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: api.url };
  const program = await run(process.execPath, ['agent.ts'], { cwd: folder, env });
  return { said: program.stdout, told: api.requests.map(({ body }) => JSON.stringify(body.messages.at(-1))) };
}

beforeAll(async () => {
  await run(process.execPath, [join(productRoot, 'resources/setup/bundle-sdk.mjs')], { cwd: productRoot });
});

test.skipIf(process.platform !== 'linux')(
  'the example of the README works in a project with the packed package (needs Linux)',
  async () => {
    const folder = project();
    const npm = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    const [program, argv] = existsSync(npm) ? [process.execPath, [npm, ...pack]] : ['npm', pack];
    const { stdout } = await run(program, argv, { cwd: productRoot });
    mkdirSync(join(folder, 'node_modules/nightshift'));
    const unpack = ['-xzf', join(folder, stdout.trim()), '--strip-components=1', '-C', 'node_modules/nightshift'];
    await run('tar', unpack, { cwd: folder });
    expect(existsSync(join(folder, 'node_modules/nightshift/src-main'))).toBe(false);
    const { dependencies } = JSON.parse(readFileSync(join(productRoot, 'package.json'), 'utf8'));
    for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types'])
      if (existsSync(join(productRoot, 'node_modules', name)))
        linkTo(folder, name, join(productRoot, 'node_modules', name));
    const { said, told } = await compiledAndRun(folder);
    expect(said).toMatch(/> stock\n[\s\S]*> Read\n[\s\S]*Twelve are left\.\nrun-\w+: done, \$0\.0\d{3}\n$/);
    expect(told[1]).toContain('a-1: 12 left');
    expect(told[1]).toContain('Order more on Friday.');
    expect(told[2]).toContain('rule.deny');
    expect(existsSync(join(folder, 'notes.txt'))).toBe(true);
    expect(readdirSync(join(folder, 'sessions'))).toContain('sessions.db');
  },
);

test.skipIf(process.platform !== 'linux')('the same with a link to a clone (needs Linux)', async () => {
  const folder = project();
  for (const name of ['zod', '@types/node', 'undici-types'])
    linkTo(folder, name, join(productRoot, 'node_modules', name));
  linkTo(folder, 'nightshift', productRoot);
  const { said } = await compiledAndRun(folder);
  expect(said).toContain('Twelve are left.');
});

const other = spawnSync('/usr/bin/env', ['-i', 'PATH=/usr/local/bin:/usr/bin', 'node', '--version'], {
  encoding: 'utf8',
});
const older = /^v(\d+)/.exec(other.stdout ?? '')?.[1];
const noOlder = older === undefined || Number(older) < 20 || Number(older) >= 24;
test.skipIf(noOlder)(
  'on an older Node it says which one it needs (needs a Node from 20 to 23 on the machine)',
  async () => {
    const program = `import { createAgent } from ${JSON.stringify(join(productRoot, 'out/sdk/sdk.js'))};
await createAgent({}).catch((fault) => console.log(fault.code, fault.message));`;
    const argv = ['-i', 'PATH=/usr/local/bin:/usr/bin', 'node', '--input-type=module', '-e', program];
    const { stdout } = await run('/usr/bin/env', argv, { cwd: productRoot });
    expect(stdout).toMatch(/^unsupported nightshift\/sdk needs Node 24 or later; this is v/);
  },
);
