/** The models of the address: what each holds, can do and costs, and which leave. */
import { useState } from 'react';
import { type KnownModel, leavingWords } from '#contract/models.ts';
import { visible } from '#contract/visible.ts';
import { useAnswer } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { Disclosure } from '#ui/disclosure.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { count, plural, sentence } from '#ui/words.ts';
import s from './known-models.module.css';

export function KnownModels() {
  const [asked, setAsked] = useState(0);
  const answer = useAnswer(`models ${asked}`, (client) => client.model.list({ ask: asked > 0 }));
  if (answer.is === 'failed') return <FaultNote fault={answer.fault} title="The models cannot be told" />;
  if (answer.is === 'loading') return null;
  const { models, detail, auto } = answer.value;
  return (
    <Disclosure summary={`${plural(models.length, 'model')} known`}>
      <ul className={s.models} aria-label="Models">
        {models.map((model) => (
          <li key={model.id} data-gone={model.lifecycle === 'retired' ? '' : undefined}>
            <div>
              <strong>{visible(model.name)}</strong> <code>{visible(model.id)}</code>
              {model.id === auto && ' · what auto means'}
            </div>
            <div className={s.facts}>{factsOf(model).join(' · ')}</div>
            {model.lifecycle !== 'active' && <div className={s.leaving}>{visible(leavingWords(model) ?? '')}</div>}
          </li>
        ))}
      </ul>
      <p className={s.facts}>{sentence(visible(detail))}</p>
      <div className={s.ask}>
        <HostButton onClick={() => setAsked(asked + 1)}>Ask the address</HostButton>
      </div>
    </Disclosure>
  );
}

function factsOf({ window, maxAnswer, prices, can, cannot }: KnownModel): string[] {
  return [
    ...(window ? [`holds ${count(window)} tokens`] : []),
    ...(maxAnswer ? [`answers up to ${count(maxAnswer)}`] : []),
    ...prices.map(({ upTo, price: { input, output } }) => {
      const price = input + output === 0 ? 'nothing' : `$${input} in, $${output} out per million`;
      return upTo === null ? price : `${price} up to ${count(upTo)} tokens`;
    }),
    ...can,
    ...cannot.map((each) => `no ${each}`),
  ];
}
