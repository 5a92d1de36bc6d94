/** The page's own origin: built files from one folder under a strict policy, and nothing else. */
import { contentSecurityPolicy } from '#server/door.ts';
import { findStatic } from '#server/static-files.ts';
import type { ElectronPort } from './electron-port.ts';

const scheme = 'nightshift-page';
export const pageOrigin = `${scheme}://app`;

/** The policy of the loopback page: one page, one policy, whichever door it comes through. */
const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Must run before Electron is ready. */
export function declarePage(el: ElectronPort): void {
  el.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** @param folder absolute path of the built page */
export function servePage(el: ElectronPort, folder: string): void {
  el.protocol.handle(scheme, async (request) => {
    const url = URL.parse(request.url);
    if (request.method !== 'GET' || !url || !isPage(request.url)) return new Response(null, { status: 403, headers });
    const file = await findStatic(folder, url.pathname);
    if (!file) return new Response(null, { status: 404, headers });
    return new Response(new Uint8Array(file.body), { headers: { ...headers, 'Content-Type': file.type } });
  });
}

/** True for addresses of the page itself; compares the parsed parts, never a piece of text. */
export function isPage(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === `${scheme}:` && url.host === 'app' && url.username === '' && url.password === '';
}
