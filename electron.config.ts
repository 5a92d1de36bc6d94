/** One build for all doors: the host's entries for Node, the preload for a sandboxed window, the page. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

/**
 * Addresses such as /runs/run-… are opened directly, so assets must not be looked for beside them. A plugin, because
 * electron-vite overrules `base`.
 */
const assetsFromRoot = { name: 'assets-from-root', config: () => ({ base: '/' }) };

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      rollupOptions: {
        input: {
          cli: at('src-main/cli/main.ts'),
          host: at('src-main/server/main.ts'),
          hands: at('src-main/child/tool-host.ts'),
          keyring: at('src-main/host/vault/keyring-process.ts'),
          electron: at('src-main/electron/main.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      rollupOptions: {
        input: { index: at('src-preload/index.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [react(), assetsFromRoot],
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
