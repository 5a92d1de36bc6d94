/** What one permission decision costs, over commands as an agent writes them, beside one parse of the same text. */
import { performance } from 'node:perf_hooks';
import { parse } from 'unbash';
import { decide } from '#core/permissions/decide.ts';
import { plainView } from '#core/permissions/places.ts';
import { compilePolicy } from '#core/permissions/policy.ts';
import { type Line, median } from './measure.ts';

const commands = [
  'git status --short',
  'npm test 2>&1 | tail -20',
  'grep -rn "TODO" src --include="*.ts" | head -50',
  'cd /repo && npm run build && npm test',
  'for f in src/*.ts; do wc -l "$f"; done',
  `git commit -m "$(cat <<'EOF'\nfix: a && b\n\nWhy: it was wrong.\nEOF\n)"`,
  "sed -n '1,80p' src/a.ts && cat src/b.ts",
  'rm -rf / --no-preserve-root',
  'ls -la src test; echo "---"; git diff --stat',
  'find . -name "*.test.ts" -not -path "./node_modules/*" | xargs wc -l',
];
const allow = ['Bash(npm *)', 'Bash(git commit *)', 'Bash(sed *)', 'Edit(/src/**)', 'Read(~/notes/**)'];
const deny = ['Bash(curl *)', 'Read(./.env)', 'Read(~/.ssh/**)', 'Edit(*.lock)'];

/** One decision, as the median of many; microseconds, because the limit of one millisecond would round to nothing. */
export function decisions(rounds = 40): Line[] {
  const rules = [{ name: 'project' as const, file: 'settings.json', allow, ask: [], deny }];
  const policy = compilePolicy(rules, {
    mode: 'default',
    root: '/repo',
    home: '/home/u',
    unattended: true,
    os: 'posix',
  });
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++)
    for (const command of commands) {
      ours.push(timed(() => decide({ tool: 'Bash', input: { command }, cwd: '/repo' }, policy, plainView)));
      bare.push(timed(() => parse(command)));
    }
  return [
    {
      what: 'a permission decision (bare: one parse)',
      ...{ ours: median(ours) * 1000, bare: median(bare) * 1000, unit: 'µs', most: { value: 1000 } },
    },
  ];
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
