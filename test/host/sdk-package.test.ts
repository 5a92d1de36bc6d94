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

/** The programs of the README. */
function examples(): [string, string] {
  const [, after = ''] = readFileSync(join(productRoot, 'README.md'), 'utf8').split('\n## In your own program\n');
  const [section = ''] = after.split('\n## ');
  const programs = [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program = '']) => program);
  expect(programs).toHaveLength(2);
  for (const program of programs) expect(program).toContain("from 'nightshift/sdk'");
  return programs as [string, string];
}

/** A project whose other packages are those of this clone: what `npm install` would fetch. */
function project(): string {
  const folder = scratch('nightshift-consumer');
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', type: 'module', private: true }));
  const options = { module: 'NodeNext', target: 'ES2024', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['agent.ts', 'whole.ts'] }),
  );
  const [first, second] = examples();
  writeFileSync(join(folder, 'agent.ts'), first);
  writeFileSync(join(folder, 'whole.ts'), second);
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

/** The second program: its agent mends a test, by a file that tells it how, with a subagent, until a check shows it. */
async function mended(folder: string) {
  writeFileSync(join(folder, 'CLAUDE.md'), 'Look before you mend.\n');
  writeFileSync(join(folder, 'sum.js'), 'export const sum = (a, b) => a - b;\n');
  writeFileSync(
    join(folder, 'sum.test.js'),
    "import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from './sum.js';\ntest('adds', () => assert.equal(sum(1, 2), 3));\n",
  );
  const judged = (verdict: string, quote: string) => say(JSON.stringify({ verdict, quote, reason: 'Seen.' }));
  const edit = { file_path: 'sum.js', old_string: 'a - b', new_string: 'a + b' };
  const task = { description: 'Runs the tests', prompt: 'Run them.', subagent_type: 'tester' };
  const api = await startMessagesServer([
    reply([call('Agent', task)]),
    reply([call('Bash', { command: 'node --test 2>&1 | tail -30' })]),
    say('ALLOW'),
    say('One test fails: adds.'),
    say('It fails.'),
    judged('met', 'pass'),
    reply([call('Edit', edit)]),
    say('ALLOW'),
    say('Mended.'),
    judged('met', 'ended with exit code 0'),
  ]);
  onTestFinished(() => api.close());
  const env = { PATH: process.env.PATH, HOME: scratch(), ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: api.url };
  const { stdout } = await run(process.execPath, ['whole.ts'], { cwd: folder, env });
  const [session = ''] = /run-\w+/.exec(stdout) ?? [];
  const again = await run(process.execPath, ['whole.ts', session], { cwd: folder, env }).then(({ stdout }) => stdout);
  return { said: stdout, again, told: api.requests.map(({ body }) => JSON.stringify(body.messages)) };
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
    const whole = await mended(folder);
    expect(whole.said).toMatch(/> tester: Runs the tests\n[\s\S]*: done, goal met: ended with exit code 0\n$/);
    expect(whole.told[0]).toContain('Look before you mend.');
    expect(whole.told[0]).toContain('- tester: Runs the tests and says what fails.');
    expect(whole.told.at(-4)).toContain(
      '`node --test`, run by Nightshift in a sandbox of its own, ended with exit code 1',
    );
    // By its id, from its own folder; there is nothing left to do.
    expect(whole.again).toContain('done, goal met');
    expect(whole.told).toHaveLength(10);
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
