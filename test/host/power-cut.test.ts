/** What must outlive a power cut is on the disk before anything leaves; the rest stands still for no disk. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '#core/store/event-log.ts';
import { createFlush } from '#core/store/flush.ts';
import { systemClock } from '#host/clock.ts';
import { productRoot } from '#host/self.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';

const strace = spawnSync('strace', ['-V']).status === 0;

/** The system calls that wait for the disk, between the marks that `program` writes; each with the file it is about. */
function waits(program: string): string[][] {
  const folder = scratch();
  const [file, trace] = [join(folder, 'program.ts'), join(folder, 'trace')];
  const log = join(productRoot, 'src-main/core/store/event-log.ts');
  const clock = join(productRoot, 'src-main/host/clock.ts');
  const head = `import { writeSync } from 'node:fs';
import { openStore } from ${JSON.stringify(log)};
import { systemClock } from ${JSON.stringify(clock)};
const store = openStore(${JSON.stringify(join(folder, 'a.db'))}, systemClock);
const event = { type: 'host.started', pid: 1, version: '1' } as const;
const mark = () => writeSync(1, 'MARK');
`;
  writeFileSync(file, `${head}${program}\nstore.close();\n`);
  const argv = ['-f', '-y', '-e', 'trace=write,fsync,fdatasync', '-o', trace, process.execPath, file];
  const { status, stderr } = spawnSync('strace', argv, { cwd: productRoot, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const text = spawnSync('cat', [trace], { encoding: 'utf8', maxBuffer: 64 << 20 }).stdout;
  const stretches: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (/\bwrite\(1<.*"MARK"/.test(line)) stretches.push([]);
    const [, name, path] = /\b(f(?:data)?sync)\(\d+<([^>]*)>/.exec(line) ?? [];
    if (name && path) stretches.at(-1)?.push(path.replace(/^.*\//, ''));
  }
  return stretches;
}

test.skipIf(!strace)('a commit waits for the disk unless it is to outlive a kill alone (needs strace)', () => {
  const [, first, second, third, fourth] = waits(`
store.commit((w) => w.append(event));
mark();
store.commit((w) => w.append(event));
mark();
for (let i = 0; i < 10; i++) store.commit((w) => w.append(event), 'kill');
mark();
await Promise.all([store.flush(), store.flush(), store.flush()]);
mark();
await store.flush();
store.commit(() => {}, 'kill');
mark();`);
  expect(first).toEqual(['a.db-wal']);
  expect(second).toEqual([]);
  expect(third).toEqual(['a.db-wal']);
  expect(fourth).toEqual([]);
});

test.skipIf(!strace)('what is committed while others wait is waited for anew (needs strace)', () => {
  const [, first] = waits(`
store.commit((w) => w.append(event), 'kill');
mark();
const one = store.flush();
store.commit((w) => w.append(event), 'kill');
const [two, three] = [store.flush(), store.flush()];
await Promise.all([one, two, three]);
mark();`);
  expect(first).toEqual(['a.db-wal', 'a.db-wal']);
});

test('a database in memory has no disk to wait for, and is as good as another otherwise', async () => {
  const store = openStore(':memory:', systemClock);
  onTestFinished(() => store.close());
  store.commit((writer) => writer.append({ type: 'host.started', pid: 1, version: '1' }), 'kill');
  await store.flush();
  expect(store.events({ after: 0, limit: 10 }).map(({ seq }) => seq)).toEqual([1]);
});

test('nobody stands still for a disk that keeps up; one that is a second behind is waited for, and its failure told', async () => {
  const clock = manualClock('2026-11-20T03:00:00.000Z');
  const { owe, keepUp, flush } = createFlush(join(scratch(), 'no-such-journal'), clock);
  owe();
  clock.advance(1000);
  await keepUp();
  clock.advance(1);
  await expect(keepUp()).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(flush()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a disk that has caught up is not late', async () => {
  const clock = manualClock('2026-11-20T03:00:00.000Z');
  const journal = join(scratch(), 'journal');
  writeFileSync(journal, '');
  const { owe, keepUp, flush, close } = createFlush(journal, clock);
  onTestFinished(close);
  owe();
  await keepUp();
  await flush();
  rmSync(journal);
  clock.advance(5000);
  await keepUp();
});

test('a store can be closed while somebody waits for the disk', async () => {
  const store = openStore(join(scratch(), 'a.db'), systemClock);
  store.commit((writer) => writer.append({ type: 'host.started', pid: 1, version: '1' }), 'kill');
  const flushed = store.flush();
  store.close();
  await flushed;
});
