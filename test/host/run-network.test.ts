/** The network of a run: none unless its routine lists hosts or a person adds one; every attempt is on record. */
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { call, reply } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const propose = reply([call('Propose', { title: 'Looked', explanation: 'So.', not_done: ['Nothing else.'] })]);
const curl = (host: string) => reply([call('Bash', { command: `curl -sS -m 5 https://${host}/ 2>&1; true` })]);
const attempts = (events: Event[]) =>
  events.flatMap((e) => (e.type === 'net.attempted' ? [`${e.host}:${e.port} ${e.decision} ${e.code}`] : []));
const outputs = (events: Event[]) => events.flatMap((e) => (e.type === 'tool.finished' ? [e.text] : []));

test.skipIf(process.platform !== 'linux')('without hosts there is none (bubblewrap, Linux only)', async () => {
  const { runOnce, events } = await realRuntime({ script: [curl('a.nightshift.invalid'), propose] });
  const { id, enforced } = await runOnce();
  expect(enforced).toContain('no network');
  expect(attempts(events(id))).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'hosts of the routine are let through to the look-up, others are refused with a code that the model reads (bubblewrap, Linux only)',
  async () => {
    const { runOnce, events } = await realRuntime({
      ...{ script: [curl('a.nightshift.invalid'), curl('b.nightshift.invalid'), propose] },
      routine: { network: ['a.nightshift.invalid'] },
    });
    const { id } = await runOnce();
    expect(attempts(events(id)).map((line) => line.replace(/^(\S+) \w+ /, '$1 '))).toEqual([
      'a.nightshift.invalid:443 net.not_resolved',
      'b.nightshift.invalid:443 net.host_not_allowed',
    ]);
    expect(outputs(events(id))[1]).toContain('net.host_not_allowed');
  },
);

test.skipIf(process.platform !== 'linux')(
  'a host that a person allows can be reached for the rest of the run, and no longer (bubblewrap, Linux only)',
  async () => {
    const ask = reply([call('RequestApproval', { host: 'c.nightshift.invalid', why: 'The schema is there.' })]);
    const { add, handlers, happens, ended, events } = await realRuntime({
      script: [ask, curl('c.nightshift.invalid'), propose, curl('c.nightshift.invalid'), propose],
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((e) => e.type === 'run.parked');
    const [asked] = await handlers.questions.list({ state: 'open', limit: 10 });
    expect(asked).toMatchObject({
      action: { kind: 'host', host: 'c.nightshift.invalid:443' },
      code: 'net.host_not_allowed',
    });
    await handlers.questions.answer({
      answers: [{ question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' }],
      door: 'browser',
    });
    await ended(run);
    expect(outputs(events(run))[0]).toContain('A person allowed it');
    expect(attempts(events(run))[0]).toContain('c.nightshift.invalid:443 ');
    expect(attempts(events(run))[0]).toContain('net.not_resolved');
    const next = await handlers.routines.run({ routine: 'triage' });
    expect((await ended(next.run)).enforced).toContain('no network');
    expect(attempts(events(next.run))).toEqual([]);
  },
);
