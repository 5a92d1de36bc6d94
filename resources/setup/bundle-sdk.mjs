/** Makes what `nightshift/sdk` consists of, in out/sdk: the library, the hands beside it, and their types. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const out = join(root, 'out', 'sdk');
/** Where the compiler leaves the declarations of each layer. */
const declared = (layer, file) => join(root, '.cache/types', layer, 'src-main', layer, file);

async function bundle(name, entry, external) {
  const { build } = await import('vite');
  await build({
    ...{ configFile: false, root, logLevel: 'warn', publicDir: false },
    ssr: { noExternal: [/^#/, /^\./], ...external },
    build: {
      ...{ ssr: entry, outDir: out, emptyOutDir: false, target: 'node24', reportCompressedSize: false },
      rolldownOptions: { output: { format: 'es', codeSplitting: false, entryFileNames: name } },
    },
  });
}

/** The declarations that the SDK's lead to, each by a relative path: names such as #contract mean nothing outside. */
function collectTypes() {
  const argv = [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'src-main/sdk'];
  const made = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`The types of the SDK cannot be made:\n${made.stdout}${made.stderr}`);
  const waiting = [['sdk', 'sdk.ts']];
  const done = new Set();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [layer, file] = next;
    const place = join(layer, file.replace(/\.ts$/, '.d.ts'));
    if (done.has(place)) continue;
    done.add(place);
    const text = readFileSync(declared(layer, file.replace(/\.ts$/, '.d.ts')), 'utf8');
    const moved = text.replace(/(['"])(#(\w+)\/|\.\/)([\w./-]+\.ts)\1/g, (_, quote, start, other, path) => {
      const target = start === './' ? [layer, join(dirname(file), path)] : [other, path];
      if (target[0] !== 'sdk' && target[0] !== 'contract')
        throw new Error(`${layer}/${file} shows a type of ${target.join('/')}: programs see the SDK and the contract.`);
      waiting.push(target);
      const from = relative(dirname(place), join(...target).replace(/\.ts$/, '.js')).replaceAll('\\', '/');
      return `${quote}${from.startsWith('.') ? from : `./${from}`}${quote}`;
    });
    mkdirSync(dirname(join(out, 'types', place)), { recursive: true });
    writeFileSync(join(out, 'types', place), moved);
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await bundle('sdk.js', 'src-main/sdk/sdk.ts', {});
await bundle('hands.js', 'src-main/child/tool-host.ts', {});
collectTypes();
