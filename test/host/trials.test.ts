/** A trial run: fired like any other due instant, outward effects recorded instead of done, and its list signed as grants. */
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { call, reply } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const bash = (command: string) => reply([call('Bash', { command })]);
const edit = reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]);
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);

async function product(setting: Setting) {
  const rules = createRules({ home: scratch(), platform: 'linux', system: scratch() });
  const made = await realRuntime({ rules, ...setting });
  await made.add();
  const { handlers, happens, clock } = made;
  const triage = { routine: 'triage' };
  /** Asks for a trial, lets its instant come and waits for the end of its run, or until it asks. */
  async function tried(until: 'run.ended' | 'run.parked' = 'run.ended') {
    const start = await handlers.routines.rehearse(triage);
    clock.pass(6000);
    await handlers.due({ by: 'os_timer', ...triage });
    const { run } = await handlers.routines.trial(triage);
    if (run === null) throw new Error('it has not begun');
    await happens((event) => event.type === until && event.run === run);
    return { start, run };
  }
  return { ...made, triage, tried };
}

const results = (events: Event[]) => events.flatMap((e) => (e.type === 'tool.finished' ? [e] : []));

describe('a trial run', () => {
  test('records what would leave the machine, lands nothing, and says what it came to', async () => {
    const { tried, handlers, triage, events, server, repository } = await product({
      script: [
        bash('touch published; npm publish && touch published'),
        bash('make deploy'),
        bash('gh pr create --fill'),
        bash(`echo "$DEPLOY_TOKEN" "$\{STAGE:-x}" "$HOME"; for f in a; do OWN=1; echo $f $OWN; done`),
        edit,
        propose,
      ],
      routine: { permissions: { allow: ['Bash(npm publish:*)'], ask: ['Bash(gh pr:*)'], deny: ['Bash(make deploy)'] } },
    });
    const { run, start } = await tried();
    expect(start).toMatchObject({ firedBy: 'host', detail: expect.stringContaining('No OS timer holds it') });
    const [published, deployed] = results(events(run));
    expect(published).toMatchObject({
      ok: true,
      code: 'trial.recorded',
      text: expect.stringContaining('Recorded, not done'),
    });
    expect(deployed).toMatchObject({ ok: false, code: 'rule.deny' });
    expect(JSON.stringify(server.requests[1]?.body.messages)).toContain('Recorded, not done');
    const trial = await handlers.routines.trial(triage);
    expect(trial).toMatchObject({
      ...{ state: 'ended', run, claimedBy: 'os_timer', outcome: 'proposed', current: true, needed: [], toolCalls: 6 },
      recorded: [
        { what: expect.stringContaining('npm publish'), code: 'auto.destructive' },
        { what: 'Bash gh pr create --fill', code: 'rule.ask' },
      ],
      refused: [{ what: 'Bash make deploy', code: 'rule.deny' }],
      environment: ['DEPLOY_TOKEN', 'STAGE'],
    });
    expect(trial.milliseconds).toBeGreaterThan(0);
    expect(trial.costMicros).toBeGreaterThan(0);
    const { proposal } = await handlers.runs.get({ run });
    const shown = await handlers.proposals.get({ proposal: proposal ?? '' });
    // Of the first command nothing was done, not even its harmless beginning.
    expect(shown).toMatchObject({ trial: true, files: [{ path: 'src/answer.js' }] });
    await expect(handlers.proposals.approve({ proposal: shown.id })).rejects.toMatchObject({ code: 'conflict' });
    // Nor would a fork be a trial any more.
    await expect(handlers.runs.fork({ run })).rejects.toMatchObject({ code: 'conflict', field: 'run' });
    await handlers.proposals.reject({ proposal: shown.id });
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('its list is signed as it was seen, for the routine as it is; then an ordinary run needs nobody', async () => {
    const steps = [bash('node answer.test.js'), edit, bash('ls'), bash('node answer.test.js'), propose];
    const { tried, handlers, triage, ended, events } = await product({
      ...{ script: [...steps, ...steps], routine: { permissionMode: 'dontAsk' } },
    });
    const sign = (bind: string) => handlers.routines.signTrial({ ...triage, bind, door: 'terminal' });
    await expect(handlers.routines.trial(triage)).rejects.toMatchObject({ code: 'not_found' });
    const { run } = await tried();
    const { needed, bind, contentHash } = await handlers.routines.trial(triage);
    expect(needed).toEqual([
      { granted: { kind: 'rule', rule: 'Bash(node answer.test.js)' }, times: 2, code: 'mode.dont_ask', inForce: false },
      { granted: { kind: 'rule', rule: 'Edit(/src/answer.js)' }, times: 1, code: 'mode.dont_ask', inForce: false },
    ]);
    await expect(sign('f'.repeat(64))).rejects.toMatchObject({ code: 'conflict', field: 'bind' });
    const grants = await sign(bind);
    expect(grants.map(({ granted }) => granted)).toEqual(needed.map(({ granted }) => granted));
    expect(grants[0]).toMatchObject({ contentHash, from: { kind: 'trial', run }, state: 'active' });
    expect((await sign(bind)).map(({ id }) => id)).toEqual(grants.map(({ id }) => id));
    const next = await handlers.routines.run(triage);
    expect(await ended(next.run)).toMatchObject({ outcome: 'proposed', denials: 0 });
    expect(results(events(next.run)).map(({ code }) => code)).toEqual([expect.any(String), ...Array(4).fill(null)]);
    await handlers.routines.edit({ ...triage, change: { prompt: 'Something else.' } });
    expect(await handlers.routines.trial(triage)).toMatchObject({ current: false });
    await expect(sign(bind)).rejects.toMatchObject({ code: 'conflict', cure: expect.stringContaining('rehearse') });
  });

  test('parks for what does not leave the machine; until it is over nothing is signed, and a no is not in the list', async () => {
    const { tried, handlers, triage, ended } = await product({
      ...{ script: [bash('node answer.test.js'), propose], routine: { permissionMode: 'default' } },
    });
    const { run } = await tried('run.parked');
    const { bind, state } = await handlers.routines.trial(triage);
    expect(state).toBe('running');
    await expect(handlers.routines.signTrial({ ...triage, bind, door: 'window' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(handlers.routines.rehearse(triage)).rejects.toMatchObject({ code: 'conflict' });
    const [question] = await handlers.questions.list({ run, state: 'open', limit: 1 });
    const answer = { question: question?.id ?? '', bind: question?.bind ?? '', decision: 'deny' as const };
    await handlers.questions.answer({ answers: [answer], door: 'terminal' });
    await ended(run);
    expect(await handlers.routines.trial(triage)).toMatchObject({
      ...{ needed: [], refused: [{ what: 'Bash node answer.test.js', code: 'rule.none' }] },
    });
  });

  test('comes while its routine is paused, and takes no due instant of the schedule away', async () => {
    const { tried, handlers, triage } = await product({
      routine: { paused: true, schedule: 'nightly' },
      script: [propose],
    });
    const { run } = await tried();
    expect((await handlers.runs.get({ run })).trigger).toMatchObject({ kind: 'schedule', trial: true });
    expect(await handlers.routines.ledger({ ...triage, limit: 10 })).toMatchObject([{ run, state: 'ran' }]);
  });

  test('is fired by the host itself where nothing else would', async () => {
    const { handlers, triage, happens } = await product({ script: [propose] });
    await handlers.routines.rehearse(triage);
    expect(await handlers.routines.trial(triage)).toMatchObject({ state: 'waiting', run: null, current: true });
    await expect(handlers.routines.rehearse(triage)).rejects.toMatchObject({ code: 'conflict' });
    const claimed = await happens((event) => event.type === 'occurrence.claimed');
    expect(claimed).toMatchObject({
      occurrence: { claimedBy: 'host', reason: 'A trial run that a person asked for.' },
    });
    await happens((event) => event.type === 'run.ended');
    expect(await handlers.routines.trial(triage)).toMatchObject({ state: 'ended', claimedBy: 'host' });
  });

  test('that nothing noticed for hours is left out, with the reason', async () => {
    const { handlers, triage, clock } = await product({});
    await handlers.routines.rehearse(triage);
    clock.pass(7_200_000);
    await handlers.due({ by: 'os_timer' });
    expect(await handlers.routines.ledger({ ...triage, limit: 10 })).toMatchObject([
      { state: 'skipped', cause: 'too_late', run: null, reason: expect.stringContaining('ask for it again') },
    ]);
    await expect(handlers.routines.trial(triage)).rejects.toMatchObject({ code: 'not_found' });
  });
});

test.skipIf(process.platform !== 'linux')(
  'hosts that a trial run asks for are refused and harvested (bubblewrap, Linux only)',
  async () => {
    const { tried, handlers, triage } = await product({
      script: [bash('curl -sS -m 5 https://wanted.nightshift.invalid/ 2>&1; true'), propose],
      routine: { checks: [] },
    });
    await tried();
    const { needed } = await handlers.routines.trial(triage);
    expect(needed).toMatchObject([{ granted: { kind: 'host', host: 'wanted.nightshift.invalid:443' } }]);
  },
);

test.skipIf(process.platform !== 'linux')(
  'a trial run reaches nothing: neither hosts of its routine, nor granted ones, nor one that a person allows it (bubblewrap, Linux only)',
  async () => {
    const [listed, granted, approved] = ['a', 'b', 'c'].map((name) => `${name}.nightshift.invalid`) as [
      string,
      string,
      string,
    ];
    const curl = (host: string) => bash(`curl -sS -m 5 https://${host}/ 2>&1; true`);
    const wish = (host: string) => reply([call('RequestApproval', { host, why: 'The data is there.' })]);
    const ordinary = [wish(granted), curl(listed), curl(granted), propose];
    const { tried, handlers, triage, happens, ended, events } = await product({
      script: [...ordinary, wish(approved), curl(listed), curl(granted), curl(approved), propose],
      routine: { checks: [], network: [listed] },
    });
    const approve = async (run: string, always: boolean) => {
      const [asked] = await handlers.questions.list({ run, state: 'open', limit: 1 });
      const answer = { question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' as const, always };
      await handlers.questions.answer({ answers: [answer], door: 'terminal' });
      return ended(run);
    };
    const codes = (run: string) =>
      events(run).flatMap((e) => (e.type === 'net.attempted' ? [`${e.host} ${e.code}`] : []));

    const { run } = await handlers.routines.run(triage);
    await happens((event) => event.type === 'run.parked' && event.run === run);
    await approve(run, true);
    expect(codes(run)).toEqual([`${listed} net.not_resolved`, `${granted} net.not_resolved`]);

    const trial = await tried('run.parked');
    await approve(trial.run, false);
    expect(codes(trial.run)).toEqual([listed, granted, approved].map((host) => `${host} net.host_not_allowed`));
  },
);
