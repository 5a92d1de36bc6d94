/** `npm run dev`: the screens with hot reload and live data, in a browser, before a running or fresh host. No Electron. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { become, modernNode, noModernNode } from './setup/modern-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = modernNode();
if (node === null) {
  process.stderr.write(`${noModernNode}\n`);
  process.exitCode = 1;
} else if (node === process.execPath) await serve();
else process.exitCode = await become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);

/** Stays until Ctrl+C, or until the host's view ends. */
async function serve() {
  const { createServer, loadConfigFromFile } = await import('vite');
  const open = spawn(node, [join(root, 'resources/nightshift.mjs'), 'open', '--no-browser', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = () => open.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
  process.once('exit', end);
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: open.stdout }).once('line', (line) => resolve(new URL(JSON.parse(line).url)));
    open.once('exit', (code) => reject(new Error(`no host could be reached (exit ${code})`)));
  });
  // The host's door compares Host and Origin exactly, so requests arrive there as if its own page had sent them.
  const toHost = {
    target: address.origin,
    changeOrigin: true,
    ws: true,
    configure: (proxy) => {
      const asOwnPage = (request) => request.setHeader('origin', address.origin);
      proxy.on('proxyReq', asOwnPage);
      proxy.on('proxyReqWs', asOwnPage);
    },
  };
  const loaded = await loadConfigFromFile({ command: 'serve', mode: 'development' }, join(root, 'electron.config.ts'));
  const server = await createServer({
    ...loaded.config.renderer,
    configFile: false,
    cacheDir: join(root, '.cache/vite-dev'),
    server: { host: '127.0.0.1', port: 0, proxy: { '/rpc': toHost, [address.pathname]: toHost } },
  });
  await server.listen();
  const { port } = server.httpServer.address();
  process.stdout.write(
    `http://127.0.0.1:${port}${address.pathname}${address.search}\n(The link works once. Ctrl+C ends.)\n`,
  );
  open.once('exit', () => server.close().then(() => process.exit(0)));
}
