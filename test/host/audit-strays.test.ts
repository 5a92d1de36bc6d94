/** Files in the audit folder that belong to no run: somebody has put them there, and that is said. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { use } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

test('a file of a run that never was is found, whatever is in it', async () => {
  const script = [use('Propose', { title: 'Mend', explanation: 'It was off by one.', not_done: ['Nothing else.'] })];
  const { paths, audit, runOnce } = await realRuntime({ script, routine: { checks: [] } });
  const run = await runOnce();
  await audit.log.settled();
  expect(await audit.methods.verify({})).toMatchObject({ ok: true, runs: 1 });
  const own = readFileSync(join(paths.audit, `${run.id}.jsonl`), 'utf8');
  const forged = 'run-mwzzzzzzzzzzzzzz';
  for (const text of [own, own.replaceAll(run.id, forged), '']) {
    writeFileSync(join(paths.audit, `${forged}.jsonl`), text);
    const verdict = await audit.methods.verify({});
    expect(verdict).toMatchObject({ ok: false, first: { run: forged, kind: 'inserted', seq: 1 } });
  }
});
