/** One build for all doors: the host's entries for Node, the preload for a sandboxed window, the page. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

const entries = {
  cli: at('src-main/cli/main.ts'),
  host: at('src-main/server/main.ts'),
  hands: at('src-main/child/tool-host.ts'),
  keyring: at('src-main/host/vault/keyring-process.ts'),
  electron: at('src-main/electron/main.ts'),
};
const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
const preload = at('src-preload/index.ts');

export default defineConfig({
  ...(Object.keys(present).length > 0 && {
    main: { build: { outDir: at('out/main'), rollupOptions: { input: present } } },
  }),
  ...(existsSync(preload) && {
    preload: {
      build: {
        outDir: at('out/preload'),
        // A sandboxed preload must be CommonJS.
        rollupOptions: { input: { index: preload }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
      },
    },
  }),
  renderer: {
    root: at('src-renderer'),
    // Addresses such as /runs/run-… are opened directly, so assets must not be looked for beside them.
    base: '/',
    plugins: [react()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      minify: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: at('src-renderer/index.html') },
    },
  },
});
