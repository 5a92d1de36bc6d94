/** One grading of a result: what the host sees by itself, then the grader, then what of its evidence holds. */
import type { Criterion, GradeResult } from '#contract/aims.ts';
import { Fault } from '#contract/faults.ts';
import type { CheckRound } from '#contract/runs.ts';
import { isHeldUp } from '#core/budget/failed-try.ts';
import type { SideParts } from '#core/budget/side-call.ts';
import type { Hands } from '#core/ports.ts';
import { upheld } from './evidence.ts';
import { grade } from './grader.ts';

export interface Grading {
  result: GradeResult;
  criteria: Criterion[];
  explanation: string;
}

interface Wanted {
  task: string;
  criteria: readonly string[];
  artifacts: readonly string[];
  patch: string;
  checks: CheckRound | null;
  /** This one is the last. */
  last: boolean;
}

/** `side` null: no model can grade. Throws `sandbox.died`, a limit that lifts later, and the reason of `signal`. */
export async function gradeResult(
  side: SideParts | null,
  hands: Hands,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Grading> {
  const own = [...checkCriteria(wanted.checks), ...(await artifactCriteria(wanted.artifacts, hands, signal))];
  if (wanted.criteria.length === 0) return concluded(own, '', wanted.last);
  const judged = await byGrader(side, hands, wanted, signal);
  if ('why' in judged) return { result: 'failed', criteria: own, explanation: judged.why };
  return concluded([...own, ...judged.criteria], judged.explanation, wanted.last);
}

async function byGrader(
  side: SideParts | null,
  hands: Hands,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ criteria: Criterion[]; explanation: string } | { why: string }> {
  if (!side) return { why: 'Recorded answers can grade nothing: choose a model for it.' };
  try {
    const graded = await grade(side, hands, wanted, signal);
    if (!graded) return { why: 'The grader gave no grade.' };
    const { fits, explanation } = graded.grade;
    if (!fits) return { why: `The rubric does not fit the task. ${explanation}`.trim() };
    return { criteria: await upheld(wanted.criteria, graded, hands), explanation };
  } catch (error) {
    signal.throwIfAborted();
    if (isHeldUp(error) || !(error instanceof Fault) || !/^(model|limit)\./.test(error.code)) throw error;
    return { why: `The grader could not be asked: ${error.message}` };
  }
}

function concluded(criteria: Criterion[], explanation: string, last: boolean): Grading {
  const gap = criteria.some(({ verdict }) => verdict === 'needs_revision');
  if (gap) return { result: last ? 'max_iterations_reached' : 'needs_revision', criteria, explanation };
  const sure = criteria.every(({ verdict }) => verdict === 'satisfied');
  return { result: sure ? 'satisfied' : 'needs_revision', criteria, explanation };
}

function checkCriteria(checks: CheckRound | null): Criterion[] {
  return (checks?.results ?? []).map(({ command, exitCode, passed, output }) => {
    const quote = lastWords(output);
    const how = exitCode === null ? 'It did not end by itself.' : `It ended with exit code ${exitCode}.`;
    return {
      text: `The check passes: ${command}`,
      by: 'host',
      verdict: passed ? 'satisfied' : 'needs_revision',
      reason: how,
      evidence: quote ? [{ kind: 'command', command, quote }] : [],
    };
  });
}

function lastWords(output: string): string {
  const line = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.slice(0, 300);
}

async function artifactCriteria(artifacts: readonly string[], hands: Hands, signal: AbortSignal): Promise<Criterion[]> {
  const found: Criterion[] = [];
  for (const pattern of artifacts) {
    const { ok, text } = await hands.call('Glob', { pattern }, signal);
    const [first = ''] = text.split('\n');
    const there = ok && first.startsWith('/');
    found.push({
      text: `The result has ${pattern}`,
      by: 'host',
      verdict: there ? 'satisfied' : 'needs_revision',
      reason: there ? `Found: ${first}` : 'No file of the result matches it.',
      evidence: [],
    });
  }
  return found;
}
