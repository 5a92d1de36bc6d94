/** A conversation that fills its model's context: a summary takes its place at a clean point, with all that must not be lost. */
import { expect, test } from 'vitest';
import { skillsAgain } from '#core/session/skills-again.ts';
import { call, fail, reply, type Step, text, thinking } from '../fakes/messages-server.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { stagedRun, stageSession } from '../fakes/staged-session.ts';

const done = () => call('Propose', { title: 'Mend it', explanation: 'Because.', not_done: ['Nothing else.'] });
const work = (words: string, tokens = 100) =>
  reply([thinking('hm'), call('Bash', { command: words })], { usage: { input_tokens: tokens } });
const summary = () =>
  reply([text('Two tests were mended in a.ts.')], { usage: { input_tokens: 9000, output_tokens: 40 } });
const full = () => fail(400, { message: 'prompt is too long: 210000 tokens > 200000 maximum' });

test('nearly full: the summary is asked for with everything that is in the cache, and the rest begins from it', async () => {
  const { go, server, sent, only, store } = await stageSession(
    [work('one'), work('two', 9000), summary(), work('three'), reply([done()])],
    { window: 10_000 },
  );
  expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Mend it' } });
  // The request for it only extends the one before: same system, same tools, same effort.
  const [, before, asking, after, last] = server.requests.map(({ body }) => body);
  expect(sent()[2].slice(0, sent()[1].length)).toEqual(sent()[1]);
  expect({ ...asking, messages: 0, max_tokens: 0 }).toEqual({ ...before, messages: 0, max_tokens: 0 });
  expect(asking?.max_tokens).toBeLessThanOrEqual(8000);
  expect(sent()[2].at(-2).content[0]).toMatchObject({ type: 'tool_result' });

  const [compacted] = only('history.compacted');
  expect(compacted).toMatchObject({ why: 'nearly_full', before: 9000, usage: { input: 9000, output: 40 } });
  expect(sent()[3]).toEqual([{ role: 'user', content: [{ type: 'text', text: compacted?.text }] }]);
  expect(compacted?.text).toContain('Do the work.');
  expect(compacted?.text).toContain('Two tests were mended in a.ts.');
  expect({ system: after?.system, tools: after?.tools }).toEqual({ system: before?.system, tools: before?.tools });
  expect(last?.messages).toHaveLength(3);

  // It is paid for and counted like every other answer.
  const costs = only('message.finished').map(({ costMicros }) => costMicros);
  const total = costs.reduce((sum, cost) => sum + cost, compacted?.costMicros ?? Number.NaN);
  expect(compacted?.costMicros).toBeGreaterThan(0);
  expect(store.read.run(stagedRun)?.costMicros).toBe(total);
});

const overfull: [name: string, steps: Step[]][] = [
  ['the API refuses the prompt', [full()]],
  ['the answer runs into the end', [reply([text('and th')], { stopReason: 'model_context_window_exceeded' })]],
];
test.each(overfull)('full because %s: a shortened account is summarised', async (_name, steps) => {
  const hands = recordingHands(() => ({ text: 'x'.repeat(100_000) }));
  const { go, sent, only, server } = await stageSession(
    [work('one'), ...steps, ...(steps[0] === overfull[1]?.[1][0] ? [full()] : []), summary(), reply([done()])],
    { hands },
  );
  expect(await go()).toMatchObject({ kind: 'finished' });
  const asking = server.requests.at(-2)?.body;
  expect(asking?.tools).toBeUndefined();
  expect(sent().at(-2)).toHaveLength(1);
  expect(JSON.stringify(sent().at(-2)).length).toBeLessThan(60_000);
  expect(JSON.stringify(sent().at(-2))).toContain('call: Bash');
  expect(only('history.compacted')).toMatchObject([{ why: 'full' }]);
});

test('what a person said and what they answered is there again', async () => {
  const { go, add, only } = await stageSession([work('one'), full(), summary(), reply([done()])]);
  const question = {
    ...{ id: 'ask-00000001', run: stagedRun, routine: 'triage', code: 'rule.ask', why: 'It wants to push.', bind: 'b' },
    ...{ action: { kind: 'handover' as const, denials: 1, codes: [] }, askedAt: '2026-11-20T03:00:00.000Z' },
    ...{ deadline: '2026-11-27T03:00:00.000Z', state: 'open' as const },
    ...{ answeredAt: null, answeredBy: null, note: null, usedAt: null },
  };
  add({ type: 'question.asked', run: stagedRun, question });
  add({
    ...{ type: 'question.answered', run: stagedRun, question: question.id, state: 'denied' },
    ...{ by: 'terminal' as never, note: 'Not tonight.' },
  });
  add({ type: 'message.added', run: stagedRun, text: 'Leave the README alone.', from: 'person' });
  await go();
  const told = only('history.compacted')[0]?.text;
  expect(told).toContain('Leave the README alone.');
  expect(told).toContain('It wants to push. (denied: Not tonight.)');
});

test('instruction files stand before the summary, word for word', async () => {
  const { go, add, sent, only } = await stageSession([work('one'), full(), summary(), reply([done()])]);
  const text = 'From CLAUDE.md: use tabs.';
  add({ type: 'instructions.loaded', run: stagedRun, occasion: 'start', files: [], problems: [], text });
  await go();
  const said = sent()
    .at(-1)
    .map(({ content }: { content: { text: string }[] }) => content[0]?.text);
  expect(said).toEqual([text, only('history.compacted')[0]?.text]);
});

test('skills that were called are there again: the latest first to count, each cut, and the list with the instructions', async () => {
  const { go, add, sent, only } = await stageSession([work('one'), full(), summary(), reply([done()])]);
  const told = {
    type: 'instructions.loaded' as const,
    run: stagedRun,
    occasion: 'start' as const,
    files: [],
    problems: [],
  };
  const listed = {
    kind: 'skill' as const,
    layer: 'project' as const,
    description: 'x',
    tokens: 1,
    bodyTokens: 1,
    ignored: [],
  };
  add({ ...told, text: '# Skills\n\n- a: x', skills: [{ ...listed, name: 'a', path: 'a', calledBy: ['agent'] }] });
  const hand = (name: string, text: string) =>
    add({ type: 'skill.handed_over', run: stagedRun, name, layer: 'project', path: name, text });
  hand('old', 'The old text.');
  hand('long', `Begin ${'é'.repeat(20_000)} end`);
  hand('old', 'The new text.');
  await go();
  const said = sent()
    .at(-1)
    .map(({ content }: { content: { text: string }[] }) => content[0]?.text);
  expect(said).toEqual(['# Skills\n\n- a: x', only('history.compacted')[0]?.text]);
  const [, skills = ''] = /# Skills that were called, and hold\n\n([\s\S]*)\n\n# Summary/.exec(said[1]) ?? [];
  expect(skills).toMatch(/^Begin é+\n\[… cut here: call Skill again for the rest\]\n\nThe new text\.$/);
  expect(Buffer.byteLength(skills)).toBeLessThan(20_000 + 100);
});

test('a skill that the agent called is kept, too; one that was refused is not', async () => {
  const { go, add, only } = await stageSession([full(), summary(), reply([done()])]);
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  const content = [call('Skill', { skill: '/a' }, 'toolu_1'), call('Skill', { skill: 'b' }, 'toolu_2')] as never;
  const end = (id: string, ok: boolean, text: string) =>
    add({
      ...{ type: 'tool.finished', run: stagedRun, call: id, ok, code: ok ? null : 'rule.deny', text },
      view: { kind: 'text', text },
    });
  add({ type: 'message.finished', run: stagedRun, turn: 1, content, stopReason: 'tool_use', usage, costMicros: 1 });
  end('toolu_1', true, 'The text of a.');
  end('toolu_2', false, 'Denied.');
  await go();
  expect(only('history.compacted')[0]?.text).toContain(
    '# Skills that were called, and hold\n\nThe text of a.\n\n# Summary',
  );
});

test('texts of skills are at most 25,000 tokens together, and a fifth of a small context', () => {
  const used = new Map(Array.from({ length: 8 }, (_, n) => [`s${n}`, `${n}${'x'.repeat(19_999)}`]));
  expect(skillsAgain(used).map((text) => text[0])).toEqual(['3', '4', '5', '6', '7']);
  const small = skillsAgain(used, 10_000);
  expect(small).toHaveLength(1);
  expect(Buffer.byteLength(small[0] ?? '')).toBeLessThanOrEqual(8000);
});

test('a summary that does not fit either ends the run, and nothing is tried for ever', async () => {
  const { go, server } = await stageSession([work('one'), full(), full()]);
  await expect(go()).rejects.toMatchObject({ code: 'model.context_full', cure: expect.any(String) });
  expect(server.requests).toHaveLength(3);
  const first = await stageSession([full()]);
  await expect(first.go()).rejects.toMatchObject({ code: 'model.context_full' });
});

test('a session that died after its summary goes on from it', async () => {
  const { go, add, sent } = await stageSession([reply([done()])]);
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  const content = [call('Bash', { command: 'ls' }, 'toolu_1')] as never;
  const view = { kind: 'text' as const, text: 'ok' };
  add({ type: 'message.finished', run: stagedRun, turn: 1, content, stopReason: 'tool_use', usage, costMicros: 1 });
  add({ type: 'tool.finished', run: stagedRun, call: 'toolu_1', ok: true, code: null, text: 'ok', view });
  add({
    type: 'history.compacted',
    run: stagedRun,
    why: 'full',
    text: 'All in short.',
    before: 0,
    usage,
    costMicros: 1,
  });
  await go();
  expect(sent()).toEqual([[{ role: 'user', content: [{ type: 'text', text: 'All in short.' }] }]]);
});
