/** What the page makes of what it hears. */
import { describe, expect, test } from 'vitest';
import type { Event, StreamItem } from '#contract/events.ts';
import { applyHistory, applyItems, applySnapshot } from '#state/apply.ts';
import { initialState, type State } from '#state/model.ts';
import { alertsNewestFirst, failedRuns, openProposals, workingRuns } from '#state/select.ts';
import { emptyTranscript, extendTranscript } from '#state/transcript.ts';
import { at, occurrence, proposal, proposalId, routine, run, runId, runLog } from '../fakes/records.ts';

const items = (events: readonly Event[]): StreamItem[] => events.map((event) => ({ kind: 'event', event }));
const host = {
  version: '0',
  pid: 1,
  startedAt: at,
  dataDirectory: '/data',
  activeRuns: 0,
  clients: 1,
  openProposals: 0,
  model: { auto: 'rehearsal', rehearsal: true, key: 'none' as const, detail: '', baseUrl: null },
  seq: 0,
};
const fresh: State = applySnapshot(initialState, {
  host,
  routines: [routine()],
  runs: [],
  proposals: [],
  questions: [],
  alerts: [],
  ledger: [],
  pausedAll: null,
});
const said = (seq: number, text: string, costMicros = 100): Event => ({
  type: 'message.finished',
  seq,
  at,
  run: runId,
  turn: 1,
  content: [
    { type: 'thinking', thinking: 'hm' },
    { type: 'text', text },
    { type: 'tool_use', name: 'Bash' },
  ],
  stopReason: 'tool_use',
  usage: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
  costMicros,
});

describe('events', () => {
  test('alerts stand until they are put away, and are told with their run', () => {
    const raised = (seq: number, about: string | null) =>
      ({ type: 'alert.raised', seq, at, about, routine: null, text: 'Look.' }) as Event;
    const opened = applyHistory(applyItems(fresh, items(runLog())), runId, runLog());
    const state = applyItems(opened, items([raised(10, runId), raised(11, null), raised(12, null)]));
    expect(alertsNewestFirst(state).map(({ seq }) => seq)).toEqual([12, 11, 10]);
    const rows = state.transcripts[runId]?.rows.filter(
      (row) => row.kind === 'note' && row.event.type === 'alert.raised',
    );
    expect(rows?.map(({ seq }) => seq)).toEqual([10]);
    const away = { type: 'alert.dismissed', seq: 13, at, alerts: [10, 12], by: 'terminal' } as Event;
    expect(alertsNewestFirst(applyItems(state, items([away]))).map(({ seq }) => seq)).toEqual([11]);
  });

  test('build runs, proposals and the ledger', () => {
    const state = applyItems(fresh, items(runLog()));
    expect(state.seq).toBe(9);
    expect(state.runs[runId]).toMatchObject({
      state: 'ended',
      outcome: 'proposed',
      toolCalls: 1,
      proposal: proposalId,
    });
    expect(openProposals(state).map(({ id }) => id)).toEqual([proposalId]);
    expect(state.ledger).toEqual([occurrence()]);
  });

  test('that come again change nothing', () => {
    const once = applyItems(fresh, items([...runLog().slice(0, 3), said(4, 'a')]));
    expect(once.runs[runId]?.costMicros).toBe(100);
    expect(applyItems(once, items([said(4, 'a')])).runs).toEqual(once.runs);
  });

  test('read as history after the snapshot are not counted twice when they arrive', () => {
    const begun = applyItems(fresh, items(runLog().slice(0, 3)));
    const history = [...runLog().filter((event) => 'run' in event && event.seq <= 3), said(4, 'a')];
    const opened = applyHistory(begun, runId, history);
    expect(opened.runs[runId]?.costMicros).toBe(100);
    const caughtUp = applyItems(opened, items([said(4, 'a'), said(5, 'b')]));
    expect(caughtUp.runs[runId]?.costMicros).toBe(200);
    const texts = caughtUp.transcripts[runId]?.rows.flatMap((row) => (row.kind === 'text' ? [row.text] : []));
    expect(texts).toEqual(['a', 'b']);
  });

  test('of a settled due time change its row in place, newest first', () => {
    const [first, second] = ['2026-11-19T22:00:00.000Z', '2026-11-20T22:00:00.000Z'].map((dueAt) =>
      occurrence({ dueAt }),
    );
    if (!first || !second) throw new Error('unreachable');
    const before = applySnapshot(fresh, {
      host,
      routines: [],
      runs: [],
      proposals: [],
      questions: [],
      alerts: [],
      ledger: [second, first],
      pausedAll: null,
    });
    const { routine: of, dueAt } = first;
    const event = {
      type: 'occurrence.settled',
      seq: 1,
      at,
      routine: of,
      dueAt,
      state: 'skipped',
      reason: 'busy',
    } as const;
    expect(applyItems(before, items([event])).ledger).toEqual([second, { ...first, state: 'skipped', reason: 'busy' }]);
  });

  test('that change routines ask for them again', () => {
    const event: Event = { type: 'routine.changed', seq: 1, at, routine: 'x', what: 'edited' };
    expect(applyItems(fresh, items([event])).routinesStale).toBe(fresh.routinesStale + 1);
  });
});

describe('words being said', () => {
  const delta = (text: string, turn = 1): StreamItem => ({ kind: 'delta', run: runId, turn, channel: 'text', text });

  test('grow, and go when the message is finished', () => {
    const speaking = applyItems(fresh, [delta('half '), delta('a word')]);
    expect(speaking.speech[runId]?.text).toBe('half a word');
    expect(applyItems(speaking, items([said(1, 'half a word')])).speech).toEqual({});
  });

  test('begin anew when their answer breaks off and is asked for again', () => {
    const speaking = applyItems(fresh, [delta('half a ')]);
    const retrying = { type: 'model.retrying', seq: 1, at, run: runId, turn: 1, attempt: 1, status: null } as const;
    const broken = applyItems(speaking, items([{ ...retrying, message: 'The answer broke off.' }]));
    expect(broken.speech).toEqual({});
    expect(applyItems(broken, [delta('half a word')]).speech[runId]?.text).toBe('half a word');
    const started: Event = { type: 'turn.started', seq: 1, at, run: runId, turn: 1 };
    expect(applyItems(speaking, items([started])).speech).toEqual({});
  });

  test('go with the message also when that was read as history before it arrived', () => {
    const begun = applyItems(fresh, [...items(runLog().slice(0, 3)), delta('a')]);
    const opened = applyHistory(begun, runId, [...runLog().slice(0, 3), said(4, 'a')]);
    expect(applyItems(opened, items([said(4, 'a')])).speech).toEqual({});
  });

  test('of a subagent stand by themselves, and go when it, or its run, has ended', () => {
    const whispered = (agent: string): StreamItem => ({ ...delta(`of ${agent}`), agent }) as StreamItem;
    const speaking = applyItems(fresh, [delta('own'), whispered('agent-1'), whispered('agent-2')]);
    expect(speaking.speech).toMatchObject({
      [runId]: { text: 'own' },
      [`${runId}/agent-1`]: { text: 'of agent-1' },
      [`${runId}/agent-2`]: { text: 'of agent-2' },
    });
    const started: Event = { type: 'turn.started', seq: 1, at, run: runId, agent: 'agent-1', turn: 1 };
    expect(Object.keys(applyItems(speaking, items([started])).speech)).toEqual([runId, `${runId}/agent-2`]);
    const over: Event = {
      ...{ type: 'run.ended', seq: 1, at, run: runId, outcome: 'failed' },
      ...{ reason: { code: 'internal', message: 'm' }, proposal: null },
    };
    expect(applyItems(speaking, items([over])).speech).toEqual({});
  });

  test('of a new turn begin anew', () => {
    expect(applyItems(fresh, [delta('old'), delta('new', 2)]).speech[runId]).toEqual({
      turn: 2,
      thinking: '',
      text: 'new',
    });
  });
});

describe('transcript', () => {
  test('a tool call is one row that gets its result', () => {
    const { rows } = extendTranscript(emptyTranscript, runLog());
    const calls = rows.filter((row) => row.kind === 'tool');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ name: 'Bash', result: { ok: true, text: '5' } });
  });

  test('checks after the work stand beside those before it', () => {
    const { rows } = extendTranscript(emptyTranscript, runLog());
    const after = rows.find((row) => row.kind === 'checks' && row.phase === 'after');
    expect(after).toMatchObject({ other: { results: [{ passed: false }] }, round: { results: [{ passed: true }] } });
  });

  test('extended piece by piece it is what it is in one piece, and earlier rows are untouched', () => {
    const log = runLog();
    const whole = extendTranscript(emptyTranscript, log);
    const half = extendTranscript(emptyTranscript, log.slice(0, 5));
    const rows = [...half.rows];
    expect(extendTranscript(half, log)).toEqual(whole);
    expect(half.rows).toEqual(rows);
  });

  test('a message gives its thinking and its words, each with a key of its own', () => {
    const { rows } = extendTranscript(emptyTranscript, [said(7, 'words')]);
    expect(rows.map(({ kind }) => kind)).toEqual(['thinking', 'text']);
    expect(new Set(rows.map(({ seq }) => seq)).size).toBe(2);
  });
});

describe('what needs a person', () => {
  test('a failed run counts until the routine ran again', () => {
    const failed = run({ id: 'run-00000001f', outcome: 'failed', queuedAt: at });
    const later = run({ id: 'run-00000002f', queuedAt: '2026-11-20T23:00:00.000Z' });
    const of = (...runs: (typeof failed)[]) =>
      applySnapshot(fresh, {
        host,
        routines: [],
        runs,
        proposals: [proposal()],
        questions: [],
        alerts: [],
        ledger: [],
        pausedAll: null,
      });
    expect(failedRuns(of(failed), at)).toEqual([failed]);
    expect(failedRuns(of(failed, later), at)).toEqual([]);
    expect(workingRuns(of(failed))).toEqual([]);
  });
});
