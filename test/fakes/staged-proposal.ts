/** What the stage's triage proposes, and its checks before and after. */
import type { Proposal } from '#contract/proposals.ts';
import type { CheckRound } from '#contract/runs.ts';
import * as records from './records.ts';
import { stagedClaims } from './staged-claims.ts';

export const base = '4be1c2d09a7f3356e1d0c8b2aa5f9137e6401c22';
export const head = '9f31c07d52be8a4471d6f0e3b8a9c25d10e7f644';

export function propose(run: string, change: Partial<Proposal>): Proposal {
  return records.proposal({
    run,
    routine: 'overnight-log-triage',
    title: 'Price an order without a discount instead of crashing on it',
    rootCause:
      '`priceOrder` reads `order.discount.percent`, but the importer sends `discount: null` for orders without a code. 412 of the 431 errors last night are this one.',
    explanation:
      'A missing discount now counts as 0 %. The rule sits in **one place**, `discountOf`, which the invoice code uses too.\n\n- `src/pricing.js`: the fix\n- `src/invoice.js`: uses the same rule\n- `test/pricing.test.js`: fails without the fix, passes with it',
    notDone: [
      'The 19 time-outs of the stock service: their cause is outside this repository.',
      'Old orders that failed are not priced again.',
    ],
    ...stagedClaims,
    repository: '/home/sam/code/orders',
    branch: `nightshift/overnight-log-triage/${run}`,
    base,
    head,
    commits: [
      { hash: head, subject: 'Price orders that have no discount', at: '2026-11-20T02:06:11.000Z' },
      { hash: base, subject: 'Test the order that crashed', at: '2026-11-20T02:05:40.000Z' },
    ],
    files: [
      { path: 'src/pricing.js', status: 'modified', additions: 9, deletions: 3, binary: false },
      { path: 'src/invoice.js', status: 'modified', additions: 3, deletions: 2, binary: false },
      { path: 'test/pricing.test.js', status: 'added', additions: 24, deletions: 0, binary: false },
      { path: 'docs/flow.png', status: 'modified', additions: 0, deletions: 0, binary: true },
    ],
    before: round(false),
    after: round(true),
    usage: { input: 31_200, output: 14_800, cacheRead: 402_000, cacheWrite: 38_000 },
    costMicros: 214_300,
    ...change,
  });
}

export function round(passed: boolean): CheckRound {
  const failing = `TAP version 13\nnot ok 1 - prices an order without a discount\n  ---\n  error: "Cannot read properties of null (reading 'percent')"\n  code: TypeError\n  stack: |\n    priceOrder (src/pricing.js:14:33)\n    test/pricing.test.js:9:18\n  ...\nok 2 - adds tax after the discount\nok 3 - rounds to cents\n# pass 2\n# fail 1\n`;
  const passing = `TAP version 13\nok 1 - prices an order without a discount\nok 2 - adds tax after the discount\nok 3 - rounds to cents\n# pass 3\n# fail 0\n`;
  return {
    commit: passed ? head : base,
    results: [
      { command: 'npm test', exitCode: passed ? 0 : 1, passed, output: passed ? passing : failing, milliseconds: 1840 },
      { command: 'npm run lint', exitCode: 0, passed: true, output: 'No problems.\n', milliseconds: 920 },
    ],
  };
}
