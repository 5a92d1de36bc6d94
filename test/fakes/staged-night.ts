/** A believable fortnight on the stage: four routines, their due times, three proposals, one run still working. */
import type { Draft } from '#contract/events.ts';
import type { PermissionMode, RoutineSpec } from '#contract/routines.ts';
import type { Trigger } from '#contract/runs.ts';
import * as records from './records.ts';
import { routineFrom, type Stage } from './staged-host.ts';
import { patch } from './staged-patch.ts';
import { base, head, propose, round } from './staged-proposal.ts';
import { answered, asked, said, thought } from './staged-turns.ts';

const minute = 60_000;
const day = 86_400_000;
export const workingRun = 'run-00000working';
export const longRun = 'run-00000000long';
export const failedRun = 'run-0000000failed';
export const reportRun = 'run-0000000report';
export const openProposal = 'prop-00000000open';

const enforced = [
  'only the worktree is writable',
  'home and other repositories are invisible',
  'no network',
  'every process ends with the run',
  '4 GB of memory, 256 processes',
];

const triage: RoutineSpec = records.spec({
  name: 'Overnight log triage',
  description: 'Finds the error that keeps coming back, mends its cause and proves it with a test.',
  prompt:
    'Read logs/service.log of the last day. Group the errors by their cause, not by their text.\nTake the one that recurs most and has its cause in this repository. Fix the cause, not the symptom, and add a test that fails without the fix.\nLeave configuration and dependencies alone. If the cause lies outside this repository, say so and stop.',
  repository: '/home/sam/code/orders',
  timeZone: 'Europe/Berlin',
});

export function stageNight(stage: Stage, now = Date.now()): void {
  const add = (id: string, spec: RoutineSpec) => stage.routines.set(id, routineFrom(id, spec));
  add('overnight-log-triage', triage);
  add(
    'flaky-test-hunt',
    records.spec({
      name: 'Flaky test hunt',
      description: 'Runs the suite twenty times and mends what fails only sometimes.',
      repository: '/home/sam/code/checkout-web',
      schedule: '30 1 * * 1-5',
      timeZone: 'Europe/Berlin',
    }),
  );
  add(
    'docs-drift',
    records.spec({
      name: 'Docs drift',
      description: 'Compares the README with what the commands really do.',
      schedule: 'weekly',
      timeZone: 'America/New_York',
      paused: true,
    }),
  );
  stage.routines.set('dependency-notes', {
    ...routineFrom('dependency-notes', records.spec({ schedule: 'manual' })),
    spec: null,
    words: '',
    problem: {
      file: 'routine.yaml',
      line: 4,
      field: 'timeZone',
      message: 'There is no time zone called "Europe/Berlln".',
      cure: 'Use an IANA name such as Europe/Berlin.',
    },
  });

  add(
    'risk-review',
    records.spec({
      name: 'Risk review',
      description: 'Reads what changed this week and says what could break.',
      schedule: 'weekdays',
      timeZone: 'Europe/Berlin',
      permissionMode: 'plan',
      checks: [],
    }),
  );

  for (let back = 13; back >= 1; back -= 1) fortnightDay(stage, now, back);
  report(stage, now - 9 * 3_600_000);
  failure(stage, now - 5 * 3_600_000);
  longStory(stage, now - 7 * 3_600_000);
  working(stage, now - 4 * minute);
  stage.doctor.push(
    { name: 'Sandbox', state: 'ok', detail: 'bubblewrap 0.8.0 holds all its promises here.' },
    { name: 'git', state: 'ok', detail: 'git 2.39.5' },
    {
      name: 'Wake-up',
      state: 'warning',
      detail: 'Timers stop when you log out.',
      cure: 'Run: loginctl enable-linger',
    },
    {
      name: 'OS timers',
      state: 'failed',
      detail: 'nightshift-1a2b-routine-risk-review.timer is missing. 3 held, the next one at 2031-01-02T03:00:00.000Z',
      items: ['overnight-log-triage', 'flaky-test-hunt', 'risk-review'].map(
        (id) => `nightshift-1a2b-routine-${id}.timer, next 2031-01-02T03:00:00.000Z`,
      ),
      cure: 'Run `nightshift doctor --fix`',
    },
    { name: 'Data directory', state: 'ok', detail: '182 GB free; only you can read it.' },
  );
}

function fortnightDay(stage: Stage, now: number, back: number): void {
  const due = Math.floor((now - back * day) / day) * day + 2 * 3_600_000;
  const late = back === 6;
  const skipped = back === 9;
  const run = `run-000000triage${back.toString(36)}`;
  const routine = 'overnight-log-triage';
  claim(stage, routine, due, skipped ? null : run);
  if (skipped) {
    settle(stage, routine, due, 'skipped', 'The run of the due time before it was still working.');
    return;
  }
  settle(stage, routine, due, late ? 'ran_late' : 'ran', late ? 'The computer was asleep until 08:12.' : null);
  const started = late ? due + 5 * 3_600_000 : due + 2000;
  begin(stage, run, routine, { kind: 'schedule', dueAt: iso(due) }, started);
  finish(stage, run, started + 3 * minute, back % 4 === 1 ? 'proposed' : 'nothing_to_propose', back);
}

function finish(stage: Stage, run: string, at: number, outcome: 'proposed' | 'nothing_to_propose', back: number): void {
  stage.say({ type: 'turn.started', run, turn: 1 }, at - minute);
  stage.say(
    said(run, 1, 'Read the log; every error has a known cause outside this repository.', 61_000),
    at - minute / 2,
  );
  if (outcome === 'nothing_to_propose') {
    const reason = {
      code: 'nothing_changed' as const,
      message: 'No recurring error has its cause in this repository.',
    };
    stage.say({ type: 'run.ended', run, outcome, reason, proposal: null }, at);
    return;
  }
  const id = `prop-000000past${back.toString(36)}`;
  const proposal = propose(run, {
    id,
    title: back === 5 ? 'Retry the stock call once when it times out' : 'Close the file handle in the invoice export',
    openedAt: iso(at),
  });
  stage.patches.set(id, patch);
  stage.say({ type: 'proposal.opened', run, proposal }, at);
  stage.say({ type: 'run.ended', run, outcome, reason: null, proposal: id }, at);
  if (back === 5) {
    const pruneAt = iso(at + 14 * day);
    stage.say(
      { type: 'proposal.rejected', run, proposal: id, reason: 'We replace that call.', pruneAt },
      at + 5 * minute,
    );
  } else if (back !== 1)
    stage.say(
      { type: 'proposal.approved', run, proposal: id, into: 'main', landedAs: head, landedHow: 'fast_forward' },
      at + 5 * minute,
    );
}

function failure(stage: Stage, at: number): void {
  claim(stage, 'flaky-test-hunt', at, failedRun);
  settle(stage, 'flaky-test-hunt', at, 'ran', null);
  begin(stage, failedRun, 'flaky-test-hunt', { kind: 'schedule', dueAt: iso(at) }, at + 1500);
  for (let attempt = 1; attempt <= 3; attempt += 1)
    stage.say(
      { type: 'model.retrying', run: failedRun, turn: 1, attempt, status: 529, message: 'The model is overloaded.' },
      at + attempt * 8000,
    );
  const reason = {
    code: 'model.overloaded' as const,
    message: 'The model was overloaded for 10 minutes.',
    cure: 'Nothing is lost: press Run now when it answers again.',
  };
  stage.say({ type: 'run.ended', run: failedRun, outcome: 'failed', reason, proposal: null }, at + 10 * minute);
}

/** A routine that may only read ends with what it found. */
function report(stage: Stage, at: number): void {
  const routine = 'risk-review';
  const message = `## Three risks, most urgent first

1. **Retries without a limit.** \`fetchStock\` tries again for ever; one slow supplier holds every order.
2. **Two spellings of one currency.** \`eur\` and \`EUR\` are kept apart in the report.
3. **No test for an empty basket.** Three callers divide by its length.

| File | Risk | Since |
| --- | --- | --- |
| src/retry.js | high | Tuesday |
| src/report.js | medium | Monday |
| src/basket.js | low | last month |

The retries began with the move to the new client. Its own limit is off unless it is asked for, and nobody asks for it. A limit of five would have ended each of the 19 time-outs of last night within ten seconds, and the order would have been kept for the next hour.

The currencies meet in \`sumByCurrency\`. Whoever writes the key decides the spelling; there are four writers.

Nothing was changed: this routine may only read.`;
  claim(stage, routine, at, reportRun);
  settle(stage, routine, at, 'ran', null);
  begin(stage, reportRun, routine, { kind: 'schedule', dueAt: iso(at) }, at + 1500, 'plan');
  stage.say({ type: 'turn.started', run: reportRun, turn: 1 }, at + 4000);
  stage.say(said(reportRun, 1, message), at + 2 * minute);
  const reason = { code: 'nothing_changed' as const, message };
  stage.say(
    { type: 'run.ended', run: reportRun, outcome: 'nothing_to_propose', reason, proposal: null },
    at + 2 * minute + 900,
  );
}

/** Some three hundred events, as a night's work has them. */
function longStory(stage: Stage, at: number): void {
  const run = longRun;
  const routine = 'overnight-log-triage';
  claim(stage, routine, at, run);
  settle(stage, routine, at, 'ran', null);
  begin(stage, run, routine, { kind: 'schedule', dueAt: iso(at) }, at + 1200);
  stage.say({ type: 'message.added', run, from: 'routine', text: triage.prompt }, at + 3000);
  stage.say({ type: 'checks.finished', run, phase: 'before', round: round(false) }, at + 9000);
  let clock = at + 10_000;
  const tell = (draft: Draft, wait: number) => {
    clock += wait;
    stage.say(draft, clock);
  };
  for (let turn = 1; turn <= 58; turn += 1) {
    tell({ type: 'turn.started', run, turn }, 400);
    tell(thought(run, turn), 2600);
    const call = `call-${turn}`;
    tell({ type: 'tool.started', run, turn, call, ...asked(turn) }, 100);
    tell({ type: 'tool.finished', run, call, ...answered(turn) }, 700);
    if (turn === 20)
      tell({ type: 'model.retrying', run, turn: 21, attempt: 1, status: 429, message: 'Too many requests.' }, 300);
  }
  tell({ type: 'checks.finished', run, phase: 'after', round: round(true) }, 6000);
  const proposal = propose(run, { id: openProposal, openedAt: iso(clock) });
  stage.patches.set(openProposal, patch);
  tell({ type: 'proposal.opened', run, proposal }, 400);
  tell({ type: 'run.ended', run, outcome: 'proposed', reason: null, proposal: openProposal }, 100);
}

function working(stage: Stage, at: number): void {
  const run = workingRun;
  begin(stage, run, 'flaky-test-hunt', { kind: 'person' }, at);
  stage.say({ type: 'checks.finished', run, phase: 'before', round: round(false) }, at + 9000);
  stage.say({ type: 'turn.started', run, turn: 1 }, at + 9500);
  stage.say(thought(run, 1), at + 14_000);
  const call = { run, turn: 1, call: 'call-w1', name: 'Bash' };
  stage.say({ type: 'tool.started', ...call, input: { command: 'npm test -- --repeat 20' } }, at + 15_000);
}

function begin(
  stage: Stage,
  run: string,
  routine: string,
  trigger: Trigger,
  at: number,
  permissionMode: PermissionMode = 'acceptEdits',
): void {
  stage.say({ type: 'run.queued', run, routine, trigger }, at);
  stage.say(
    {
      type: 'run.started',
      run,
      model: 'rehearsal',
      rehearsal: true,
      permissionMode,
      limits: records.limits({ turns: 60, minutes: 60, dollars: 2 }),
      repository: '/home/sam/code/orders',
      branch: `nightshift/${routine}/${run}`,
      baseBranch: 'main',
      base,
    },
    at + 300,
  );
  stage.say({ type: 'sandbox.ready', run, enforced }, at + 900);
}

function claim(stage: Stage, routine: string, due: number, run: string | null): void {
  const occurrence = records.occurrence({ routine, dueAt: iso(due), run, state: 'claimed', claimedAt: iso(due + 400) });
  stage.say({ type: 'occurrence.claimed', routine, occurrence }, due + 400);
}

function settle(
  stage: Stage,
  routine: string,
  due: number,
  state: 'ran' | 'ran_late' | 'skipped',
  reason: string | null,
): void {
  stage.say({ type: 'occurrence.settled', routine, dueAt: iso(due), state, reason }, due + 900);
}

const iso = (at: number): string => new Date(at).toISOString();
