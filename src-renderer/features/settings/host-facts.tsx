/** The process behind the screens. */
import type { HostStatus } from '#contract/host.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { At } from '#ui/when.tsx';
import { count, plural } from '#ui/words.ts';

export function HostFacts({ host }: { host: HostStatus }) {
  return (
    <Facts>
      <Fact name="Version">{host.version}</Fact>
      <Fact name="Started">
        <At at={host.startedAt} />, process {host.pid}
      </Fact>
      <Fact name="Data">
        <code>{host.dataDirectory}</code>
      </Fact>
      <Fact name="In use">
        {plural(host.activeRuns, 'active run')}, {plural(host.clients, 'open door')}, {count(host.seq)} events
      </Fact>
    </Facts>
  );
}
