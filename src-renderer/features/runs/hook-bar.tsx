/** The hooks that a run worked with, those that nobody has said yes to, and the place to say it. */
import { Anchor } from 'lucide-react';
import type { Hook } from '#contract/hooks.ts';
import { visible } from '#contract/visible.ts';
import { ownDoor } from '#link/door.ts';
import type { LoadedHooks } from '#state/transcript.ts';
import { useAction, useAnswer } from '#state/use.ts';
import { Confirm } from '#ui/confirm.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Prose } from '#ui/prose.tsx';
import { plural } from '#ui/words.ts';
import { instructionOwners } from './instruction-bar.tsx';
import s from './policy-bar.module.css';
import { RunBar } from './run-bar.tsx';

const states: Record<Hook['state'], string> = {
  runs: 'ran when its moment came',
  untrusted: 'did not run: nobody had said yes to it',
  off: 'switched off',
};

export function HookBar({ loaded, repository }: { loaded: LoadedHooks; repository: string | null }) {
  const { hooks, problems } = loaded;
  const untrusted = hooks.filter(({ state }) => state === 'untrusted').length;
  return (
    <RunBar
      icon={Anchor}
      title="Hooks"
      glance={
        <>
          <span>{plural(hooks.length, 'hook')}</span>
          {untrusted > 0 && <span className={s.waiting}>{untrusted} not trusted</span>}
        </>
      }
      problems={problems.map(({ path, message, cure }) => (
        <>
          <code>{visible(path)}</code>: <Prose text={`${visible(message)}. ${cure}`} />
        </>
      ))}
    >
      <p>They run in the sandbox of the run, and can only narrow what is allowed.</p>
      <HookList hooks={hooks} words={({ state }) => states[state]} />
      {untrusted > 0 && repository && <Trust repository={repository} />}
    </RunBar>
  );
}

function HookList({ hooks, words }: { hooks: readonly Hook[]; words(hook: Hook): string }) {
  return (
    <dl className={s.facts} aria-label="Hooks">
      {hooks.map((hook, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are told once and never change places
        <div key={index} className={s.pair}>
          <dt>
            {hook.moment}
            {hook.matcher !== '' && ` ${visible(hook.matcher)}`}
          </dt>
          <dd>
            <code>{visible(hook.command)}</code>: {instructionOwners[hook.layer]}, {visible(hook.file)}; {words(hook)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const offered: Record<Hook['state'], string> = {
  ...{ runs: 'runs', untrusted: 'would run from then on', off: 'stays switched off' },
};

/** Those that the repository has now may be others than those of the run. */
function Trust({ repository }: { repository: string }) {
  const read = useAnswer(`hooks ${repository}`, (client) => client.hooks.list({ repository }));
  const say = useAction(async (client, hash: string) => {
    await client.hooks.trust({ repository, hash, door: ownDoor() });
    read.again();
  });
  if (read.is === 'loading') return null;
  if (read.is === 'failed') return <FaultNote fault={read.fault} title="The hooks of the repository cannot be read" />;
  const { trust, hooks } = read.value;
  if (!trust) return <p>The repository has no hooks any more.</p>;
  if (trust.trustedAt !== null) return <p>What the repository has now is trusted; the next run works with it.</p>;
  return (
    <section aria-label="What the repository has now" className={s.part}>
      <p>
        What <code>{visible(repository)}</code> has now
        {trust.scripts.length > 0 && <>, with the files {trust.scripts.map(visible).join(', ')}</>}:
      </p>
      <HookList
        hooks={hooks.filter(({ layer }) => layer === 'project' || layer === 'local')}
        words={({ state }) => offered[state]}
      />
      <Confirm
        look="primary"
        words="Trust these hooks"
        label="Trust these hooks"
        ask="They run in every run on this repository, until one of them or a file that they name changes."
        yes="Trust exactly these"
        no="Not now"
        busy={say.busy}
        onYes={() => void say.run(trust.hash)}
      />
      {say.fault && <FaultNote fault={say.fault} title="They are not trusted" />}
    </section>
  );
}
