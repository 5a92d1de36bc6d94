/** The act itself, exactly: the command, the change line by line, the host, the money. */
import type { Action } from '#contract/questions.ts';
import { hides, visible } from '#contract/visible.ts';
import { Exact, ExactText } from '#ui/exact.tsx';
import { Patch } from '#ui/patch.tsx';
import { money, plural, sentence } from '#ui/words.ts';
import s from './action-view.module.css';
import { capWords } from './question-words.ts';

export function ActionView({ action }: { action: Action }) {
  switch (action.kind) {
    case 'tool_call':
      return (
        <>
          <Call action={action} />
          <p className={s.place}>
            {action.path !== null && (
              <span>
                File{' '}
                <code>
                  <ExactText text={action.path} />
                </code>
              </span>
            )}
            <span>
              In{' '}
              <code>
                <ExactText text={action.cwd} />
              </code>
            </span>
            <span>
              Rules <code title={action.policyVersion}>{shortVersion(action.policyVersion)}</code>
            </span>
          </p>
        </>
      );
    case 'host':
      return <Exact text={action.host} label="The host" />;
    case 'budget':
      return (
        <p className={s.money}>
          <strong>{money(action.spentMicros)}</strong> of {money(action.capMicros)} is spent or reserved:{' '}
          {capWords(action.scope)}. A yes adds <strong>{money(action.addMicros)}</strong>.
        </p>
      );
    case 'goal':
      return (
        <>
          <Exact text={action.condition} label="The goal" />
          <p className={s.money}>
            {action.why === 'impossible' ? 'The judge calls it impossible' : 'Nothing moves'} after{' '}
            {plural(action.rounds, 'round')}: {sentence(visible(action.reason))}
          </p>
          {action.quote && <Exact text={action.quote} label="What the judge quotes" />}
        </>
      );
    case 'handover':
      return (
        <p className={s.money}>
          Denied so far:{' '}
          {action.codes.map((code, index) => (
            <span key={code}>
              {index > 0 && ', '}
              <code>
                <ExactText text={code} />
              </code>
            </span>
          ))}
          . Its page shows each of them.
        </p>
      );
  }
}

function Call({ action }: { action: Extract<Action, { kind: 'tool_call' }> }) {
  const { tool, input, command, path, patch } = action;
  if (command !== null) return <Exact text={command} label="The exact command" />;
  if (patch === null) return <Exact text={JSON.stringify(input, null, 2)} label={`The exact input of ${tool}`} />;
  return (
    <figure className={s.change} aria-label="The exact change">
      {hides(patch) && <p className={s.hidden}>It holds characters that could not be seen; they are made visible.</p>}
      <Patch patch={visible(patch)} path={visible(path ?? '')} />
    </figure>
  );
}

/** `sha256:` and as many digits as tell versions apart at a glance. */
export const shortVersion = (version: string): string => version.replace(/^sha256:/, '').slice(0, 10);
