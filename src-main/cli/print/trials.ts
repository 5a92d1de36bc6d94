/** A trial run for people: how it went, what it needs, what was recorded instead of done, and what nobody can grant. */
import type { Trial, Wanted } from '#contract/trials.ts';
import { clip } from './actions.ts';
import { grantedWords } from './grants.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { duration, money, when } from './words.ts';

export function trialDetails(paint: Paint, zone: string, trial: Trial): string[] {
  const { routine, needed, recorded, refused, environment } = trial;
  const told = facts(paint, [
    ['trial run', trial.run ?? 'not begun'],
    ['state', stateWords(trial)],
    ['due', when(trial.dueAt, zone)],
    ['fired by', trial.claimedBy && claimants[trial.claimedBy]],
    ['reason', trial.reason?.message],
    ['cost', trial.run && money(trial.costMicros)],
    ['time', trial.run && duration(trial.milliseconds)],
    ['tool calls', trial.run && String(trial.toolCalls)],
    ['environment', environment.length > 0 && `its commands read ${environment.join(', ')}`],
    ['content', trial.contentHash && `${trial.contentHash}${trial.current ? '' : ' (the routine has changed since)'}`],
  ]);
  const wants = needed.map((each) => [
    ...[`${each.times}×`, each.code, each.inForce ? 'granted' : 'not granted', grantedWords(each.granted)],
  ]);
  const signable = trial.state === 'ended' && trial.current && needed.some(({ inForce }) => !inForce);
  if (trial.state === 'waiting') return [...told, '', 'What it needs is known when it is over.'];
  return [
    ...told,
    ...['', paint.bold(needsWords(trial))],
    ...(needed.length > 0 ? table(paint, ['TIMES', 'CODE', 'STATE', 'GRANT'], wants) : []),
    ...section(paint, 'Recorded, not done:', recorded),
    ...section(paint, 'Cannot be granted:', refused),
    ...(signable ? ['', paint.typed(`  nightshift routines trial ${routine} --sign`)] : []),
  ];
}

const claimants = {
  os_timer: 'the operating system',
  cli: 'the terminal',
  host: 'the running host, not the operating system',
  sweep: 'the hourly check',
};

/** An early end says nothing about what would have come after it. */
function needsWords({ state, outcome, needed }: Trial): string {
  const sofar = state === 'running' || outcome === 'failed' || outcome === 'stopped';
  if (needed.length > 0) return sofar ? 'So far it needs:' : 'It needs:';
  return sofar ? 'So far it needs no grant.' : 'It needs no grant.';
}

function stateWords({ state, outcome }: Trial): string {
  if (state === 'waiting') return 'waits for its instant';
  return state === 'running' ? 'at work, or waiting for your answer' : `ended: ${outcome?.replaceAll('_', ' ')}`;
}

function section(paint: Paint, title: string, wanted: Wanted[]): string[] {
  if (wanted.length === 0) return [];
  return ['', paint.bold(title), ...wanted.map(({ what, code, why }) => `  ${clip(what)} (${code}): ${why}`)];
}
