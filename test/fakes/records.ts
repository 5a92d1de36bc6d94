/** Records of the contract with ordinary content, to be changed where a test cares. */
import type { Event } from '#contract/events.ts';
import type { Occurrence } from '#contract/ledger.ts';
import { Policies } from '#contract/policies.ts';
import type { Proposal } from '#contract/proposals.ts';
import { Limits, type Routine, type RoutineSpec } from '#contract/routines.ts';
import { type CheckRound, noUsage, type Run } from '#contract/runs.ts';

export const at = '2026-11-20T22:00:00.000Z';
export const runId = 'run-00000001a';
export const proposalId = 'prop-00000001a';

export function limits(change: Partial<Limits> = {}): Limits {
  return { ...Limits.parse({}), ...change };
}

export function spec(change: Partial<RoutineSpec> = {}): RoutineSpec {
  return {
    name: 'Log triage',
    description: '',
    prompt: 'Read the log.',
    schedule: 'nightly',
    timeZone: 'Europe/Berlin',
    repository: '/srv/orders',
    branchPrefix: 'nightshift/',
    model: 'auto',
    effort: 'medium',
    permissionMode: 'acceptEdits',
    permissions: { allow: [], ask: [], deny: [] },
    whenAsked: 'park',
    answerWithin: 10_080,
    network: [],
    checks: ['npm test'],
    ...{ goal: '', goalRounds: 3, rubric: '', artifacts: [], iterations: 3 },
    limits: limits(),
    paused: false,
    policies: Policies.parse({}),
    ...change,
  };
}

export function routine(change: Partial<Routine> = {}): Routine {
  return {
    id: 'log-triage',
    folder: '/data/routines/log-triage',
    spec: spec(),
    problem: null,
    words: 'At 03:00 AM',
    next: ['2026-11-21T02:00:00.000Z'],
    registration: { state: 'registered', detail: 'systemd user timer, next 03:00' },
    ...change,
  };
}

export function round(passed: boolean): CheckRound {
  const result = { command: 'npm test', exitCode: passed ? 0 : 1, passed, output: '', milliseconds: 1200 };
  return { commit: 'a'.repeat(40), results: [result] };
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: runId,
    routine: 'log-triage',
    trigger: { kind: 'schedule', dueAt: at },
    state: 'ended',
    outcome: 'proposed',
    reason: null,
    model: 'rehearsal',
    rehearsal: true,
    permissionMode: 'acceptEdits',
    limits: limits(),
    repository: '/srv/orders',
    branch: 'nightshift/log-triage/1',
    baseBranch: 'main',
    base: 'b'.repeat(40),
    queuedAt: at,
    dispatchedAt: at,
    startedAt: at,
    processSeenAt: at,
    firstByteAt: at,
    endedAt: '2026-11-20T22:00:09.500Z',
    resumes: 0,
    turns: 4,
    toolCalls: 6,
    usage: noUsage,
    costMicros: 12_300,
    enforced: ['no network'],
    activity: '',
    before: round(false),
    after: round(true),
    proposal: proposalId,
    loops: 0,
    waitingUntil: null,
    parkedOn: null,
    denials: 0,
    ...{ goal: null, grading: null },
    ...change,
  };
}

export function proposal(change: Partial<Proposal> = {}): Proposal {
  return {
    id: proposalId,
    run: runId,
    routine: 'log-triage',
    state: 'open',
    revision: 1,
    title: 'Reject orders without a price',
    explanation: 'The price was read before it was checked.',
    rootCause: 'A missing price is read as a number.',
    notDone: ['The other errors in the log.'],
    repository: '/srv/orders',
    branch: 'nightshift/log-triage/1',
    baseBranch: 'main',
    base: 'b'.repeat(40),
    head: 'c'.repeat(40),
    commits: [{ hash: 'c'.repeat(40), subject: 'Check the price', at }],
    files: [{ path: 'src/order.js', status: 'modified', additions: 3, deletions: 1, binary: false }],
    before: round(false),
    after: round(true),
    usage: noUsage,
    costMicros: 12_300,
    model: 'rehearsal',
    rehearsal: true,
    comments: [],
    openedAt: at,
    decidedAt: null,
    into: null,
    landedAs: null,
    landedHow: null,
    pruneAt: null,
    ...change,
  };
}

export function occurrence(change: Partial<Occurrence> = {}): Occurrence {
  return {
    routine: 'log-triage',
    dueAt: at,
    state: 'claimed',
    reason: null,
    run: runId,
    claimedAt: '2026-11-20T22:00:00.400Z',
    claimedBy: 'os_timer',
    count: 1,
    cause: null,
    from: null,
    ...change,
  };
}

/** The log of one run of a schedule, from sequence number 1. */
export function runLog(dueAt = at): Event[] {
  const of = { run: runId };
  const { model, rehearsal, permissionMode, limits, repository, branch, baseBranch, base } = run();
  const started = { model, rehearsal, permissionMode, limits, repository, branch, baseBranch, base };
  const call = { ...of, call: 'call-1' };
  const view = { kind: 'terminal' as const, exitCode: 0, milliseconds: 100, output: 'ok' };
  const drafts = [
    { type: 'run.queued', ...of, routine: 'log-triage', trigger: { kind: 'schedule', dueAt } },
    { type: 'occurrence.claimed', routine: 'log-triage', occurrence: occurrence({ dueAt }) },
    { type: 'run.started', ...of, ...started },
    { type: 'checks.finished', ...of, phase: 'before', round: round(false) },
    { type: 'tool.started', ...call, turn: 1, name: 'Bash', input: { command: 'grep -c ERROR service.log' } },
    { type: 'tool.finished', ...call, ok: true, code: null, text: '5', view },
    { type: 'checks.finished', ...of, phase: 'after', round: round(true) },
    { type: 'proposal.opened', ...of, proposal: proposal() },
    { type: 'run.ended', ...of, outcome: 'proposed', reason: null, proposal: proposalId },
  ];
  return drafts.map((draft, index) => ({ ...draft, seq: index + 1, at }) as Event);
}
