#!/usr/bin/env node
/** The `nightshift` command, and what the OS timer of a clone starts: the terminal door, on a Node that is new enough for it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldestNode = 24;

if (Number.parseInt(process.versions.node, 10) >= oldestNode) await runHere();
else {
  // Loaded only where it is needed: every fire of the OS timer passes here.
  const { become, modernNode, noModernNode } = await import('./setup/modern-node.mjs');
  const node = modernNode();
  if (node === null) {
    process.stderr.write(`nightshift: ${noModernNode}\n`);
    process.exitCode = 1;
  } else process.exitCode = await become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}

async function runHere() {
  const source = new URL('../src-main/cli/main.ts', import.meta.url);
  if (!existsSync(source)) return import(new URL('../out/main/cli.js', import.meta.url).href);
  const { keepCompiled } = await import('./setup/host-bundle.mjs');
  keepCompiled(fileURLToPath(new URL('..', import.meta.url)));
  return import(source.href);
}
