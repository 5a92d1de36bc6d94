/** What each request of a run cost, for who asks. */
import { useState } from 'react';
import type { Run } from '#contract/runs.ts';
import { useAnswer } from '#state/use.ts';
import { Fact } from '#ui/facts.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { count, money } from '#ui/words.ts';
import s from './run-costs.module.css';

export function RunCostsFact({ run }: { run: Run }) {
  const [open, setOpen] = useState(false);
  if (run.turns === 0) return null;
  return (
    <Fact name="Requests">
      <details className={s.costs} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>What each request cost</summary>
        {open && <Requests run={run} />}
      </details>
    </Fact>
  );
}

function Requests({ run: { id, costMicros } }: { run: Run }) {
  // Asked anew whenever something was paid.
  const costs = useAnswer(`costs ${id} ${costMicros}`, (client) => client.runs.costs({ run: id }));
  if (costs.is === 'failed') return <FaultNote fault={costs.fault} />;
  if (costs.is === 'loading') return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Turn</th>
          <th scope="col">For</th>
          <th scope="col">Tokens</th>
          <th scope="col">Cost</th>
        </tr>
      </thead>
      <tbody>
        {costs.value.requests.map(({ seq, turn, purpose, agent, model, passes, usage, micros, presumed }) => (
          <tr key={seq} title={passes ? [...new Set(passes.map((pass) => pass.model))].join(', ') : model}>
            <td>{turn}</td>
            <td>{agent ? `${purpose}, ${agent}` : purpose}</td>
            <td>{presumed ? 'not known' : count(usage.input + usage.cacheRead + usage.cacheWrite + usage.output)}</td>
            <td>{money(micros)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Together
          </th>
          <td>{money(costs.value.micros)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
