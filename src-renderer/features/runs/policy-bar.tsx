/** What a run may do: its mode, the rules in force and where they come from, what of them does not count, its network. */
import { ShieldCheck } from 'lucide-react';
import type { Run } from '#contract/runs.ts';
import { visible } from '#contract/visible.ts';
import { shortVersion } from '#features/questions/action-view.tsx';
import { modeWords, networkWords } from '#features/routines/permission-words.ts';
import type { Policy } from '#state/transcript.ts';
import { useSelect } from '#state/use.ts';
import { plural } from '#ui/words.ts';
import s from './policy-bar.module.css';
import { RunBar } from './run-bar.tsx';

/** The host names the layer by its place among the ecosystem's: what is said for one run alone. */
const layerWords = (layer: string): string => (layer === 'command line' ? 'this routine' : layer);

export function PolicyBar({ run, policy }: { run: Run; policy: Policy }) {
  const network = useSelect((state) => state.routines.find(({ id }) => id === run.routine)?.spec?.network);
  const granted = useSelect((state) =>
    Object.values(state.questions).flatMap(({ run: of, state: is, action }) =>
      of === run.id && is === 'approved' && action.kind === 'host' ? [action.host] : [],
    ),
  );
  const rules = policy.sources.reduce((sum, source) => sum + source.rules, 0);
  return (
    <RunBar
      icon={ShieldCheck}
      title="What it may do"
      glance={
        <>
          <span>{modeWords[policy.mode]}</span>
          <span>{rules === 0 ? 'no rules' : plural(rules, 'rule')}</span>
          {network && <span>{networkWords([...network, ...granted])}</span>}
        </>
      }
      problems={policy.problems.map(visible)}
    >
      <dl className={s.facts}>
        <dt>Rules from</dt>
        <dd>
          {policy.sources.length === 0 && 'Nowhere: the mode alone decides.'}
          <ul>
            {policy.sources.map(({ layer, file, rules: count }) => (
              <li key={`${layer} ${file}`}>
                {layerWords(layer)}: {plural(count, 'rule')}
                {file && (
                  <>
                    , <code>{visible(file)}</code>
                  </>
                )}
              </li>
            ))}
          </ul>
        </dd>
        {network && (
          <>
            <dt>Network</dt>
            <dd>
              {network.length + granted.length === 0
                ? 'None: every host is refused.'
                : network.map((host) => (
                    <code key={host} className={s.host}>
                      {visible(host)}
                    </code>
                  ))}
              {granted.map((host) => (
                <span key={host} className={s.host}>
                  <code>{visible(host)}</code>, which you allowed this run
                </span>
              ))}
            </dd>
          </>
        )}
        <dt>Version</dt>
        <dd>
          <code title={policy.version}>{shortVersion(policy.version)}</code>
        </dd>
      </dl>
    </RunBar>
  );
}
