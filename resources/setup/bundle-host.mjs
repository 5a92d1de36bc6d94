/** Makes the host's bundle and the hands', unless there are some of these very sources: `node resources/setup/bundle-host.mjs`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { handsFile, handsProofFile, proofOf, provenHands } from '../../src-main/host/sandbox/hands-bundle.ts';
import { bundleFile, bundleFolder, proofFile, provenBundle, stateOf } from './host-bundle.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What decides how the sources are put together, beside themselves. */
const settings = ['package.json', 'package-lock.json', 'resources/setup/bundle-host.mjs'];
/** The shorter the text, the sooner it is read; names stay, for logs. */
const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
/** Native, or looked for at run time and done without. */
const external = ['better-sqlite3', 'keytar', 'mvdan-sh', 'bufferutil', 'utf-8-validate'];

async function bundle() {
  const { build } = await import('vite');
  const before = states();
  mkdirSync(bundleFolder(root), { recursive: true });
  const draft = `host-${process.pid}.draft.mjs`;
  const { used } = await made(build, draft, 'src-main/server/main.ts', 'es');
  try {
    if (JSON.stringify(states()) !== JSON.stringify(before))
      throw new Error('A source changed while the host was bundled; run it again.');
    prove(join(bundleFolder(root), draft));
    // Whoever looks in between finds no proof, and takes the sources.
    rmSync(proofFile(root), { force: true });
    renameSync(join(bundleFolder(root), draft), bundleFile(root));
    const sources = Object.entries(before)
      .filter(([file]) => used.has(file) || settings.includes(file) || file.startsWith('src-main/child/'))
      .map(([file, state]) => [file, ...state]);
    // Whoever asks for the host's bundle gets both or none.
    const hands = relative(root, handsFile(root)).split(sep).join('/');
    sources.push([hands, ...stateOf(handsFile(root))]);
    const proof = { bundle: stateOf(bundleFile(root)), sources, packages: packagesOf(used) };
    const unproven = `${proofFile(root)}.${process.pid}`;
    writeFileSync(unproven, JSON.stringify(proof));
    renameSync(unproven, proofFile(root));
  } finally {
    rmSync(join(bundleFolder(root), draft), { force: true });
  }
}

/** The host looks at the proof before every start of the hands, so that what a build leaves half done is not taken. */
async function bundleHands() {
  const { build } = await import('vite');
  mkdirSync(bundleFolder(root), { recursive: true });
  const [draft, unproven] = [`hands-${process.pid}.draft.cjs`, `${handsProofFile(root)}.${process.pid}`];
  const output = join(bundleFolder(root), draft);
  try {
    const before = proofOf(root, Buffer.alloc(0)).sources;
    await made(build, draft, 'src-main/child/tool-host.ts', 'cjs');
    const proof = proofOf(root, readFileSync(output));
    if (proof.sources !== before) throw new Error('A source changed while the hands were bundled; run it again.');
    const tried = spawnSync(process.execPath, ['--check', output], { encoding: 'utf8', timeout: 60_000 });
    if (tried.status !== 0) throw new Error(`The bundle of the hands is not sound: ${tried.stderr || tried.error}`);
    writeFileSync(unproven, JSON.stringify(proof));
    renameSync(output, handsFile(root));
    renameSync(unproven, handsProofFile(root));
  } finally {
    for (const left of [output, unproven]) rmSync(left, { force: true });
  }
}

/**
 * An `import` of one of Node's own modules reads all that it exports, and with that loads what nobody asked for: for
 * `node:http` all of undici. Taken in this way, each part comes when it is used.
 */
const builtins = {
  name: 'own-modules-of-node',
  enforce: 'pre',
  // The bundler's own first lines need `node:module` as it is.
  resolveId: (id) => (isBuiltin(id) && !/^(node:)?module$/.test(id) ? `\0own:${id}` : null),
  load: (id) =>
    id.startsWith('\0own:') ? `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(5))});` : null,
};

/** One file without parts that are loaded later: a host that runs must not meet another build's. */
async function made(build, name, entry, format) {
  const used = new Set();
  const note = {
    name: 'note-what-is-used',
    generateBundle() {
      for (const id of this.getModuleIds()) used.add(relative(root, id.split('?')[0]).split(sep).join('/'));
    },
  };
  await build({
    ...{ configFile: false, root, logLevel: 'warn', publicDir: false, plugins: [builtins, note] },
    ssr: { noExternal: true, external },
    build: {
      ...{ ssr: entry, outDir: bundleFolder(root), emptyOutDir: false, target: 'node24' },
      reportCompressedSize: false,
      rolldownOptions: { external, output: { format, codeSplitting: false, entryFileNames: name, minify } },
    },
  });
  return { used };
}

/** It must load and come to its first refusal, that of a data directory below a file. */
function prove(draft) {
  const env = { ...process.env, NIGHTSHIFT_HOME: join(draft, 'data') };
  const tried = spawnSync(process.execPath, [draft], { env, encoding: 'utf8', timeout: 60_000 });
  if (!tried.stderr.includes('data.read_only'))
    throw new Error(`The bundle of the host does not run: ${tried.stderr.slice(-2000) || tried.error || tried.status}`);
}

/** Path below the root → state, of everything that can matter. */
function states() {
  const sources = readdirSync(join(root, 'src-main'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return Object.fromEntries([...settings, ...sources.sort()].map((file) => [file, stateOf(join(root, file))]));
}

function packagesOf(used) {
  const names = [...used].flatMap(
    (file) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
  );
  const files = [...new Set(names)].sort().map((name) => `${name}/package.json`);
  return ['node_modules/.package-lock.json', ...files].map((file) => [file, ...(stateOf(join(root, file)) ?? [])]);
}

// The hands first: the host's proof names their file.
if (provenHands(root) === null) await bundleHands();
if (provenBundle(root) === null) await bundle();
