/** A disk that refuses what was to be committed soon: whoever went on from it hears why in the product's own words, and reading goes on. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { productRoot } from '#host/self.ts';
import { scratch } from '../fakes/places.ts';

const linux = process.platform === 'linux';

test.skipIf(!linux)('no file may grow any more: the fault names the cure (needs Linux)', () => {
  const folder = scratch();
  const program = join(folder, 'program.ts');
  const source = (file: string) => JSON.stringify(join(productRoot, 'src-main', file));
  writeFileSync(
    program,
    `import { openStore } from ${source('core/store/event-log.ts')};
    import { systemClock } from ${source('host/clock.ts')};
    const run = 'run-00000001';
    const store = openStore(${JSON.stringify(join(folder, 'a.db'))}, systemClock);
    store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'a', trigger: { kind: 'person' } }));
    const heard = [];
    store.attend(run, (event) => heard.push(event.type), ({ code, cure }) => heard.push({ code, cure }));
    const text = 'x'.repeat(2_000_000);
    const say = (writer) => writer.append({ type: 'message.added', run, text, from: 'person' });
    store.commit(say, 'soon');
    await new Promise((resolve) => setImmediate(resolve));
    const next = (() => { try { store.commit(say, 'kill'); } catch ({ code }) { return code; } })();
    console.log(JSON.stringify({ heard, next, seen: store.events({ after: 0, limit: 9 }).length }));`,
  );
  // In blocks of 512 bytes; enough for the empty database.
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 2000; exec "$@"', 'sh', process.execPath, program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    heard: ['message.added', { code: 'data.full', cure: expect.stringContaining('space') }],
    next: 'data.full',
    seen: 1,
  });
});
