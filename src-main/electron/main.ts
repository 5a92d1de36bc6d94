/** The window door's entry: gives the shell Electron and this machine. */
import { join } from 'node:path';
import * as electron from 'electron';
import { resolvePaths } from '#host/paths.ts';
import { productRoot, resource } from '#host/self.ts';
import { attach } from '#server/attach.ts';
import { startShell } from './shell.ts';

const files = {
  page: join(productRoot, 'out', 'renderer'),
  preload: join(productRoot, 'out', 'preload', 'index.cjs'),
  icon: resource('tray', 'nightshift.png'),
  tray: resource('tray'),
};
void startShell(electron, {
  attach: () => attach({ paths: resolvePaths(process.env), env: process.env }),
  argv: process.argv,
  files,
});
