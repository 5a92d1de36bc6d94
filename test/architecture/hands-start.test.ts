/** Every run waits for the hands to start: what they name of Node at their start is what Node has loaded anyway. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const child = resolve(import.meta.dirname, '../../src-main/child');
/** `node:net` alone, for one, brings all streams with it and takes longer than all probes together. */
const loadedAnyway = ['node:fs', 'node:path', 'node:util'];

test('the hands import of Node only what costs nothing; the rest is loaded when a tool needs it', () => {
  const named = readdirSync(child)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      [...readFileSync(join(child, name), 'utf8').matchAll(/^import (?!type )[^;]*?'(node:[^']+)';/gm)].map(
        ([, module]) => `${name}: ${module}`,
      ),
    );
  expect(named).toContain('tool-host.ts: node:fs');
  expect(named.filter((each) => !loadedAnyway.some((module) => each.endsWith(`: ${module}`)))).toEqual([]);
});
