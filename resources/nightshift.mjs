#!/usr/bin/env node
/** The `nightshift` command: starts the terminal door on a Node that is new enough for it. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { become, modernNode, noModernNode } from './setup/modern-node.mjs';

const node = modernNode();
if (node === null) {
  process.stderr.write(`nightshift: ${noModernNode}\n`);
  process.exitCode = 1;
} else if (node !== process.execPath) {
  process.exitCode = await become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
} else {
  module.enableCompileCache();
  const source = new URL('../src-main/cli/main.ts', import.meta.url);
  await import((existsSync(source) ? source : new URL('../out/main/cli.js', import.meta.url)).href);
}
