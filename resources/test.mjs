/**
 * Runs everything that proves the product: set-up, build, static gates, every suite; `npm test`.
 * Arguments name suites to run alone. Exits 0 only if something ran and nothing failed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, none, readPlaywright, readVitest, summary, tail } from './suites.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const out = join(root, '.cache', 'test');

if (Number(process.versions.node.split('.')[0]) < 24) restartOnNode24();

const tool = (...path) => join(modules, ...path);
const report = (name) => join(out, `${name}.json`);
const minutes = (n) => n * 60_000;

const vitest = (name, projects, limit, ...more) => ({
  name,
  limit: minutes(limit),
  argv: [
    tool('vitest', 'vitest.mjs'),
    'run',
    ...[
      '--config',
      'test/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report(name)}`,
    ],
    ...projects.map((project) => `--project=${project}`),
    ...more,
  ],
  needs: () => projects.some((project) => existsSync(join(root, 'test', project))) || 'no tests of this kind',
  read: () => readVitest(report(name)),
});

const playwright = (name, config, needs, ...more) => ({
  name,
  limit: minutes(9),
  argv: [tool('@playwright', 'test', 'cli.js'), 'test', '--config', config, '--reporter=list,json', ...more],
  env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report(name), PLAYWRIGHT_JSON_OUTPUT_FILE: report(name) },
  needs,
  read: () => readPlaywright(report(name)),
});

const gate = (name, limit, ...argv) => ({ name, limit: minutes(limit), argv });

const setup = gate('set-up', 6, join('resources', 'setup.mjs'), '--tests');
const build = gate(
  'build',
  3,
  tool('electron-vite', 'bin', 'electron-vite.js'),
  'build',
  '--config',
  'electron.config.ts',
);
/** Hosts, hands and terminal doors of the tests start as those of a person do who ran `npm start`: from one file each. */
const bundles = gate('bundles', 3, join('resources', 'setup', 'bundle-host.mjs'));
const gates = [
  gate('types', 3, tool('typescript', 'bin', 'tsc'), '-b'),
  gate('biome', 2, tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '--max-diagnostics=50'),
  gate('unused code', 2, tool('knip', 'bin', 'knip.js'), '--config', 'test/knip.json'),
];
const quick = vitest('quick', ['unit', 'contract', 'architecture'], 5);
// In parts: a runner that ends any process after ten minutes ends none of these, and a part that dies takes no other along.
const machine = parts('machine', 12, (name, shard) => vitest(name, ['host', 'crash'], 9, shard));
const browser = parts('browser', 6, (name, shard) =>
  playwright(
    name,
    'test/e2e/playwright.config.ts',
    () => true,
    shard,
    `--output=test-results/${name.replaceAll(' ', '-')}`,
  ),
);
const electron = playwright('Electron window', 'test/electron/playwright.config.ts', () => electronReady());

/** The long ones, mixed: lanes take the next one from this list whenever they are free. */
const long = [...machine.flatMap((part, index) => [part, browser[index]].filter(Boolean)), electron];

/** Steps in order; the lanes of one step run side by side, what is in a lane one after the other. */
const steps = [
  [[setup]],
  [[build, bundles], gates],
  [[quick]],
  // The machine suite waits on processes most of the time and the browser suite on the page: two cores carry three lanes.
  [long, long, long],
];

const wanted = process.argv.slice(2);
const known = [...new Set(steps.flat(2).map((suite) => suite.kind ?? suite.name))];
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No such suite: ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of running) end(child);
    process.exit(130);
  });

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const began = Date.now();
const results = [];
for (const lanes of steps) {
  await Promise.all(
    lanes.map(async (lane) => {
      for (let suite = lane.shift(); suite; suite = lane.shift())
        if (wanted.length === 0 || wanted.includes(suite.kind ?? suite.name)) results.push(await run(suite));
    }),
  );
}

const all = results.map((result) => result.counts);
console.log(`\nAll suites, ${seconds(Date.now() - began)}`);
for (const { name, counts, took } of results)
  console.log(`  ${name.padEnd(16)} ${summary([counts])}  (${seconds(took)})`);
const skipped = results.flatMap(({ counts }) => counts.skipped.map((title) => `  SKIPPED: ${title}`));
if (skipped.length > 0) console.log(`\nSkipped, by name\n${skipped.join('\n')}`);
console.log(`\n${summary(all)}`);
const ran = results.some(({ suite, counts }) => suite.read && counts.passed > 0);
if (!ran && wanted.length === 0) console.error('No test was executed.');
process.exitCode = all.some((counts) => counts.failed > 0) || (!ran && wanted.length === 0) ? 1 : 0;

/** One kind of suite cut by its runner into `count` parts, each with a report and a limit of its own. */
function parts(kind, count, make) {
  return Array.from({ length: count }, (_, index) => ({
    ...make(`${kind} ${index + 1} of ${count}`, `--shard=${index + 1}/${count}`),
    kind,
  }));
}

/** Runs one suite to its end and prints its output in one piece: short when it went well, longer when it did not. */
async function run(suite) {
  const needs = suite.needs?.() ?? true;
  if (needs !== true) {
    console.log(`SKIPPED: ${suite.name} (${needs})`);
    return { suite, name: suite.name, took: 0, counts: { ...none(), skipped: [`${suite.name} (${needs})`] } };
  }
  console.log(`▸ ${suite.name}`);
  const start = Date.now();
  const { code, output } = await execute(suite);
  const took = Date.now() - start;
  const counts = suite.read ? judge(code, attempt(suite.read)) : { ...none(), [code === 0 ? 'passed' : 'failed']: 1 };
  const good = counts.failed === 0;
  console.log(`\n── ${suite.name}: ${summary([counts])}, ${seconds(took)}${good ? '' : `  FAILED, exit ${code}`}`);
  for (const line of tail(output, good ? 6 : 150)) console.log(`   ${line}`);
  return { suite, name: suite.name, took, counts };
}

/** Runs a suite in a process group of its own; past its limit the whole group ends and the exit code is 124. */
function execute(suite) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, suite.argv, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...suite.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    running.add(child);
    let output = '';
    // The end is what tells why: keep the last megabyte.
    const keep = (chunk) => {
      output = (output + chunk).slice(-1_000_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      keep(`\nStopped: it took longer than ${seconds(suite.limit)}.\n`);
      end(child);
    }, suite.limit);
    child.on('error', (error) => keep(String(error)));
    child.on('exit', (code, signal) => {
      if (signal && !late) keep(`\nEnded from outside by ${signal}.\n`);
      clearTimeout(timer);
      running.delete(child);
      const done = () => settle({ code: late ? 124 : (code ?? 1), output });
      child.on('close', done);
      // Whatever a suite leaves in its group ends with it. What left the group may hold the pipes open: not waited for.
      end(child);
      setTimeout(done, 2_000).unref();
    });
  });
}

function end(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** `true`, or why the Electron window cannot be opened here. */
function electronReady() {
  const home = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? tool('electron', 'dist');
  const note = tool('electron', 'path.txt');
  const name = existsSync(note) ? readFileSync(note, 'utf8').trim() : 'electron';
  if (!existsSync(join(home, name))) return 'no Electron binary';
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  return display ? true : 'no display';
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Starts this file again on the Node 24 that came with the packages, and ends as it ends. */
function restartOnNode24() {
  const packages = readdirSync(modules).filter((name) => /^node-(bin-)?(linux|darwin|win)-/.test(name));
  const names = packages.flatMap((name) => [
    join(modules, name, 'bin', 'node'),
    join(modules, name, 'bin', 'node.exe'),
  ]);
  const node = names.find((path) => existsSync(path));
  if (!node) {
    console.error(`Node 24 is needed and this is ${process.version}. Run \`npm install\` without --omit=optional.`);
    process.exit(1);
  }
  const done = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(done.status ?? 1);
}
