/** What the staged proposal claims: one claim of each standing, and calls that the staged transcript really has. */
import type { ShownCall } from '#contract/claims.ts';
import type { Proposal } from '#contract/proposals.ts';

const counted: ShownCall = {
  ...{
    call: 'call-7',
    tool: 'Bash',
    target: "grep ERROR logs/service.log | sed 's/.*ERROR //' | sort | uniq -c | sort -rn",
  },
  ...{ ok: true, exitCode: 0, excerpt: "412 TypeError: Cannot read properties of null (reading 'percent')" },
  ...{ changedSince: false, by: 'agent' },
};

export const stagedClaims: Pick<Proposal, 'claims' | 'mentions'> = {
  claims: [
    { text: '412 of the 431 errors are this one.', standing: 'backed', calls: [counted], missing: [] },
    {
      text: 'No importer sends anything else.',
      standing: 'not_backed',
      calls: [],
      missing: ['npm run import -- --dry'],
    },
    { text: 'Invoices are not touched otherwise.', standing: 'said_only', calls: [], missing: [] },
  ],
  mentions: [
    {
      words: 'src/pricing.js',
      call: {
        ...counted,
        call: 'call-5',
        tool: 'Edit',
        target: 'src/pricing.js',
        exitCode: null,
        excerpt: '+9 −3',
        by: 'host',
      },
    },
  ],
};
