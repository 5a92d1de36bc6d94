/** What is read off a trial run, and how it is told while it has not begun, is at work, and is over. */
import { describe, expect, test } from 'vitest';
import { noUsage } from '#contract/runs.ts';
import type { Trial } from '#contract/trials.ts';
import { variablesRead } from '#core/trials/variables.ts';
import { cli } from '../fakes/cli-shell.ts';
import { at, runId } from '../fakes/records.ts';

describe('variables that a command reads', () => {
  test.each([
    [`echo "$DEPLOY_TOKEN" "$\{STAGE:-x}" "$HOME" $?`, ['DEPLOY_TOKEN', 'STAGE']],
    ["grep a log | sed -n '1p;$p' | awk '{ print $1 $name }'", []],
    ['echo "it\'s $ONE" \\$TWO', ['ONE']],
    ['for f in a; do OWN=1; echo $f $OWN; done; read -r line; echo $line', []],
    ['cat <<EOF\n$BODY\nEOF', ['BODY']],
    ["cat <<'EOF'\n$BODY\nEOF", []],
    ['echo $(( COUNT + $N ))', ['COUNT', 'N']],
    ['for (( i = 0; i < 3; i++ )); do echo $i; done', []],
    ['echo "$(', []],
  ])('%s', (command, names) => {
    expect(variablesRead(command)).toEqual(names);
  });
});

describe('routines trial', () => {
  const trial: Trial = {
    ...{ routine: 'log-triage', state: 'ended', dueAt: at, run: runId, claimedBy: 'os_timer', outcome: 'proposed' },
    ...{ reason: null, contentHash: 'a'.repeat(64), current: true, needed: [], recorded: [], refused: [] },
    ...{ environment: ['DEPLOY_TOKEN'], usage: noUsage, costMicros: 0, toolCalls: 3, milliseconds: 1000 },
    bind: 'b'.repeat(64),
  };
  const shown = async (part: Partial<Trial>) =>
    (await cli(['routines', 'trial', 'log-triage'], { routines: { trial: async () => ({ ...trial, ...part }) } })).out;

  test('before it has begun, nothing is known of its needs', async () => {
    const nothing = { run: null, claimedBy: null, outcome: null, contentHash: null, environment: [], toolCalls: 0 };
    const out = await shown({ state: 'waiting', ...nothing });
    expect(out).toContain('What it needs is known when it is over.');
    expect(out).not.toContain('no grant');
  });

  test.each([
    [{ state: 'running', outcome: null } as const, 'So far it needs no grant.'],
    [{ outcome: 'failed' } as const, 'So far it needs no grant.'],
    [{}, '\nIt needs no grant.'],
  ])('%j', async (part, words) => {
    const out = await shown(part);
    expect(out).toContain(words);
    expect(out).toContain('environment  its commands read DEPLOY_TOKEN');
  });
});
