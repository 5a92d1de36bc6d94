/** Runs with an aim on the stage: one that satisfies, one that does not, and one that asks whether to go on. */
import type { Criterion } from '#contract/aims.ts';
import * as records from './records.ts';
import { park } from './staged-guard.ts';
import type { Stage } from './staged-host.ts';

export const gradedRun = 'run-0000000graded';
export const impossibleRun = 'run-00000impossible';
export const taskRun = 'run-000000000task';

const hour = 3_600_000;
const commit = '4be1c2d09a7f3356e1d0c8b2aa5f9137e6401c22';
const goal = 'Every test passes, and none was removed or skipped';

const criteria: Criterion[] = [
  {
    ...{ text: 'The check passes: npm test', by: 'host', verdict: 'satisfied', reason: 'It ended with exit code 0.' },
    evidence: [{ kind: 'command', command: 'npm test', quote: '# pass 41' }],
  },
  {
    ...{ text: '`CHANGELOG.md` names the fix', by: 'grader', verdict: 'satisfied', reason: 'Under “Fixed”.' },
    evidence: [{ kind: 'file', path: 'CHANGELOG.md', line: 7, quote: 'The connection is closed when a write fails' }],
  },
  {
    ...{ text: '`docs/retries.md` explains the limit', by: 'grader', verdict: 'needs_revision' },
    ...{ reason: 'It names the limit, but not what happens at it', evidence: [] },
  },
  {
    ...{ text: 'The error message is understandable', by: 'grader', verdict: 'could_not_check' },
    ...{ reason: 'Only a person can say so', evidence: [] },
  },
];

function begin(stage: Stage, run: string, routine: string, at: number): void {
  stage.say({ type: 'run.queued', run, routine, trigger: { kind: 'person' } }, at);
  stage.say(
    {
      ...{ type: 'run.started', run, model: 'claude-opus-5-5', rehearsal: false, permissionMode: 'acceptEdits' },
      ...{ limits: records.limits(), repository: '/home/sam/code/orders', branch: `nightshift/${routine}/${run}` },
      ...{ baseBranch: 'main', base: commit },
    },
    at + 300,
  );
  stage.say({ type: 'aims.set', run, goal, iterations: 3 }, at + 301);
}

export function stageAims(stage: Stage): void {
  const at = Date.now() - 3 * hour;
  const fingerprint = 'ab'.repeat(32);
  begin(stage, gradedRun, 'docs-drift', at);
  const judged = { type: 'goal.judged', run: gradedRun, commit, checks: null, fingerprint, unjudged: false } as const;
  stage.say(
    { ...judged, round: 1, verdict: 'not_yet', reason: 'Two tests fail', quote: null, progress: true },
    at + 1e5,
  );
  stage.say({ ...judged, round: 2, verdict: 'met', reason: 'All pass', quote: '# pass 41', progress: true }, at + 2e5);
  stage.say(
    {
      ...{ type: 'outcome.graded', run: gradedRun, iteration: 3, result: 'max_iterations_reached', criteria },
      ...{ explanation: 'One page is half done', commit, checks: null },
    },
    at + 3e5,
  );
  const reason = { code: 'nothing_changed' as const, message: 'There was nothing left to change.' };
  stage.say({ type: 'run.ended', run: gradedRun, outcome: 'nothing_to_propose', reason, proposal: null }, at + 4e5);

  const why = 'The service that it must call is not reachable from here, and nobody has given it an address';
  const action = {
    kind: 'goal',
    why: 'impossible',
    condition: goal,
    reason: why,
    quote: 'ENOTFOUND',
    rounds: 2,
  } as const;
  park(stage, impossibleRun, 'flaky-test-hunt', action, {
    code: 'goal.impossible',
    why: `The goal is judged impossible: ${why}`,
  });

  begin(stage, taskRun, 'one-off', at);
  stage.say({ type: 'run.ended', run: taskRun, outcome: 'failed', reason, proposal: null }, at + 1e5);
}
