/** Opens an address in the person's browser without showing it to other users of the machine. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface BrowserCommand {
  file: string;
  args: string[];
}

/** What opens a file in the default browser; null where there is no display to open it on. */
export function browserCommand(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): BrowserCommand | null {
  if (platform === 'darwin') return { file: 'open', args: [] };
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler'] };
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { file: 'xdg-open', args: [] } : null;
}

/**
 * The one-time code in the address would be readable in the process list, so the browser is given a page of ours, readable
 * for its owner only, that leads there. `trouble` is told when no browser could be started; the address is printed anyway.
 */
export function openInBrowser(
  { file, args }: BrowserCommand,
  url: string,
  directory: string,
  trouble: (message: string) => void,
): void {
  const pointer = pointerIn(directory);
  rmSync(pointer, { force: true });
  writeFileSync(pointer, page(url), { mode: 0o600, flag: 'wx' });
  const child = spawn(file, [...args, pathToFileURL(pointer).href], { stdio: 'ignore', detached: true });
  child.once('error', (error) => trouble(`No browser could be started (${error.message}); open the address yourself.`));
  child.unref();
}

/** Idempotent. */
export function removePointer(directory: string): void {
  rmSync(pointerIn(directory), { force: true });
}

function pointerIn(directory: string): string {
  return join(directory, 'open.html');
}

function page(url: string): string {
  const safe = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html><meta charset="utf-8"><title>Nightshift</title><meta http-equiv="refresh" content="0;url=${safe}"><a href="${safe}">Open Nightshift</a>\n`;
}
