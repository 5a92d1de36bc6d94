/** What a person should look at is kept until it is put away, found with its run, and heard by whoever follows. */
import { expect, test } from 'vitest';
import type { StreamItem } from '#contract/events.ts';
import { toFault } from '#contract/wire-faults.ts';
import { cli, clientOf, linkTo } from '../fakes/cli-shell.ts';
import { reply, text } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

test('it stands at every door until one puts it away, also for the next host', async () => {
  const home = scratch();
  const { handlers, runtime, runOnce, store } = await realRuntime({
    home,
    script: [reply([text('Done.')])],
    routine: { checks: [], model: 'qwen3-coder' },
  });
  const run = await runOnce();
  const more = store.commit((writer) =>
    writer.append({ type: 'alert.raised', about: null, routine: null, text: 'The clock stood still.' }),
  );
  const [newest, oldest] = await handlers.alerts.list({ all: false, limit: 10 });
  expect(newest).toMatchObject({ seq: more.seq, about: null, text: 'The clock stood still.' });
  expect(oldest).toMatchObject({ about: run.id, routine: 'triage' });
  expect(await handlers.alerts.list({ all: false, limit: 1 })).toHaveLength(1);

  // The terminal, over the same handlers.
  const link = () => linkTo(clientOf(handlers));
  const listed = await cli(['alerts', 'list'], {}, { links: [link()] });
  expect(listed.out).toMatch(new RegExp(`alert ${more.seq} .*this machine\\n {2}The clock stood still\\.\\n`));
  expect(listed.out).toContain(`triage, ${run.id}`);
  const away = await cli(['alerts', 'dismiss', String(more.seq)], {}, { links: [link()] });
  expect(away.code).toBe(0);
  expect(away.out).toContain('put away');
  const twice = await handlers.alerts.dismiss({ seq: more.seq, door: 'browser' });
  expect(twice.dismissedAt).not.toBeNull();
  expect(store.events({ after: more.seq, limit: 100 }).filter(({ type }) => type === 'alert.dismissed')).toEqual([
    expect.objectContaining({ alerts: [more.seq], by: 'terminal' }),
  ]);
  const unknown = await handlers.alerts.dismiss({ seq: 1, door: 'browser' }).catch(toFault);
  expect(unknown).toMatchObject({ code: 'not_found', field: 'seq' });

  await runtime.close();
  const next = await realRuntime({ home });
  expect(await next.handlers.alerts.list({ all: false, limit: 10 })).toEqual([oldest]);
  expect(await next.handlers.alerts.list({ all: true, limit: 10 })).toHaveLength(2);
  const older = next.store.commit((writer) =>
    writer.append({ type: 'alert.raised', about: null, routine: null, text: 'Seen.' }),
  );
  next.store.commit((writer) =>
    writer.append({ type: 'alert.raised', about: null, routine: null, text: 'Came meanwhile.' }),
  );
  const all = await next.handlers.alerts.dismissAll({ through: older.seq, door: 'window' });
  expect(all.map(({ text: words }) => words)).toEqual(['Seen.', oldest?.text]);
  expect(await next.handlers.alerts.list({ all: false, limit: 10 })).toMatchObject([{ text: 'Came meanwhile.' }]);
});

test('it comes with the events of its run, live and afterwards', async () => {
  const { handlers, store, runOnce } = await realRuntime({
    script: [reply([text('Done.')])],
    routine: { checks: [], model: 'qwen3-coder' },
  });
  const run = await runOnce();
  const kept = await handlers.runs.events({ run: run.id, after: 0, limit: 1000 });
  expect(kept.filter(({ type }) => type === 'alert.raised')).toHaveLength(1);
  const stop = new AbortController();
  const heard: string[] = [];
  for await (const item of (await handlers.events.follow(
    { after: kept.at(-1)?.seq ?? 0, run: run.id },
    stop.signal,
  )) as AsyncIterable<StreamItem>) {
    if (item.kind === 'caught_up')
      store.commit((writer) => {
        writer.append({ type: 'alert.raised', about: null, routine: 'triage', text: 'Of no run.' });
        writer.append({ type: 'alert.raised', about: run.id, routine: 'triage', text: 'Of this run.' });
      });
    if (item.kind !== 'event' || item.event.type !== 'alert.raised') continue;
    heard.push(item.event.text);
    stop.abort();
  }
  expect(heard).toEqual(['Of this run.']);
});
