/** The host of a clone: from its bundle while that is made of these very sources, else from the sources. Node 24. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { keepCompiled, provenBundle } from './setup/host-bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Before anything else is loaded: the next start finds its modules compiled.
keepCompiled(root);
await import(pathToFileURL(provenBundle(root) ?? join(root, 'src-main/server/main.ts')).href);
