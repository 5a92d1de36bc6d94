/** Makes the host's bundle, unless there is one of these very sources: `node resources/setup/bundle-host.mjs`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  const { used } = await made(build, draft);
  try {
    if (JSON.stringify(states()) !== JSON.stringify(before))
      throw new Error('A source changed while the host was bundled; run it again.');
    prove(join(bundleFolder(root), draft));
    // Whoever looks in between finds no proof, and takes the sources.
    rmSync(proofFile(root), { force: true });
    renameSync(join(bundleFolder(root), draft), bundleFile(root));
    const sources = Object.entries(before)
      .filter(([file]) => used.has(file) || settings.includes(file))
      .map(([file, state]) => [file, ...state]);
    const proof = { bundle: stateOf(bundleFile(root)), sources, packages: packagesOf(used) };
    const unproven = `${proofFile(root)}.${process.pid}`;
    writeFileSync(unproven, JSON.stringify(proof));
    renameSync(unproven, proofFile(root));
  } finally {
    rmSync(join(bundleFolder(root), draft), { force: true });
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
async function made(build, name) {
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
      ...{ ssr: 'src-main/server/main.ts', outDir: bundleFolder(root), emptyOutDir: false, target: 'node24' },
      reportCompressedSize: false,
      rolldownOptions: { external, output: { codeSplitting: false, entryFileNames: name, minify } },
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

if (provenBundle(root) === null) await bundle();
