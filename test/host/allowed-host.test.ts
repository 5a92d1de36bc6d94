/** A host that a person allowed counts as any approval does: under the rules it was given under, and for a day. */
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Rules } from '#core/ports.ts';
import { call, reply } from '../fakes/messages-server.ts';
import { brokenPrefixes } from '../fakes/prefix.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const host = 'c.nightshift.invalid';
const wish = reply([call('RequestApproval', { host, why: 'The schema is there.' })]);
const curl = reply([call('Bash', { command: `curl -sS -m 5 https://${host}/ 2>&1; true` })]);
const touch = reply([call('Bash', { command: 'touch asked.txt' })]);
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);

const fine: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};

/** Asks before `touch`; every go reads its version anew. */
const rules = (version: () => string): Rules => ({
  load: async () => ({
    judge: {
      version: version(),
      judge: async (_tool, input) =>
        JSON.stringify(input).includes('touch') ? { ...fine, decision: 'ask', code: 'rule.ask' } : fine,
    },
    sources: [],
    problems: [],
  }),
});

async function parkedRun(script: ReturnType<typeof reply>[], version: () => string) {
  const product = await realRuntime({ script, rules: rules(version) });
  await product.add();
  const { run } = await product.handlers.routines.run({ routine: 'triage' });
  const open = async () => (await product.handlers.questions.list({ state: 'open', limit: 10 }))[0];
  const asked = (times: number) => async () => {
    await expect
      .poll(() => product.events(run).filter((e) => e.type === 'run.parked').length, { timeout: 20_000 })
      .toBe(times);
    return await open();
  };
  const yes = async () => {
    const { id, bind } = (await open()) ?? { id: '', bind: '' };
    await product.handlers.questions.answer({
      answers: [{ question: id, bind, decision: 'approve' }],
      door: 'terminal',
    });
  };
  return { ...product, run, asked, yes };
}

const attempts = (events: Event[]) => events.flatMap((e) => (e.type === 'net.attempted' ? [e.code] : []));

test('a yes to a host under other rules is asked for again', async () => {
  let version = 'v1';
  const { asked, yes, ended, run, events } = await parkedRun([wish, propose], () => version);
  expect(await asked(1)()).toMatchObject({ action: { kind: 'host', policyVersion: 'v1' } });
  version = 'v2';
  await yes();
  expect(await asked(2)()).toMatchObject({ action: { kind: 'host', policyVersion: 'v2' } });
  await yes();
  await ended(run);
  expect(events(run).filter((e) => e.type === 'question.used')).toHaveLength(1);
});

test('a yes to a host changes nothing of what was said before it: not even what stands above the conversation', async () => {
  const { asked, yes, ended, run, server } = await parkedRun([wish, propose], () => 'v1');
  await asked(1)();
  await yes();
  expect(await ended(run)).toMatchObject({ state: 'ended' });
  expect(server.requests).toHaveLength(2);
  expect(brokenPrefixes(server.requests)).toEqual([]);
  expect(JSON.stringify(server.requests[1]?.body.messages.at(-1))).toContain('A person allowed it');
});

test.skipIf(process.platform !== 'linux')(
  'when its rules or its day are over, it is out of reach again (bubblewrap, Linux only)',
  async () => {
    let version = 'v1';
    const { asked, yes, ended, run, events, clock } = await parkedRun(
      [wish, curl, touch, curl, propose],
      () => version,
    );
    await asked(1)();
    await yes();
    await asked(2)();
    // It was let through as far as the look-up, which has no answer for this name.
    expect(attempts(events(run))).toEqual(['net.not_resolved']);
    // Without any host there is no network at all, so that the second try leaves no record.
    clock.pass(25 * 60 * 60_000);
    await yes();
    await ended(run);
    expect(attempts(events(run))).toEqual(['net.not_resolved']);

    version = 'v1';
    const other = await parkedRun([wish, curl, touch, curl, propose], () => version);
    await other.asked(1)();
    await other.yes();
    await other.asked(2)();
    version = 'v2';
    await other.yes();
    // The touch is asked about again, for it was approved under other rules, too.
    await other.asked(3)();
    await other.yes();
    await other.ended(other.run);
    expect(attempts(other.events(other.run))).toEqual(['net.not_resolved']);
  },
);
