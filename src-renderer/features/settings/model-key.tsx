/** The model, its key and its address: where they come from, and how to change them. The key itself never comes back. */
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { ModelStatus } from '#contract/host.ts';
import { useAction, useHost } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, inputClass, monoClass } from '#ui/field.tsx';
import { Prose } from '#ui/prose.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { useToast } from '#ui/toasts.tsx';
import { sentence } from '#ui/words.ts';
import { AccountLimits } from './account-limits.tsx';
import { KnownModels } from './known-models.tsx';
import s from './model-key.module.css';

const sources = {
  environment: 'The key comes from the environment of the host (ANTHROPIC_API_KEY).',
  keychain: "The key is in this system's keychain.",
  passphrase_file: 'The key is in the encrypted file of this data directory.',
  none: 'There is no key.',
};

export function ModelKey({ model }: { model: ModelStatus }) {
  return (
    <div className={s.model}>
      <div className={s.state}>
        <p>
          <KeyRound size={15} aria-hidden /> {sources[model.key]}
        </p>
        <p className={s.detail}>
          {model.key === 'none' && model.rehearsal ? (
            'Store one below to use a real model; until then routines rehearse.'
          ) : (
            <Prose text={model.detail} />
          )}
        </p>
        {model.rehearsal && <RehearsalBadge />}
        <AccountLimits limits={model.limits ?? []} />
        <KnownModels key={`${model.baseUrl} ${model.account}`} />
      </div>
      <KeyForm model={model} />
      <AddressForm key={model.baseUrl} model={model} />
    </div>
  );
}

function KeyForm({ model }: { model: ModelStatus }) {
  const { refresh } = useHost();
  const toast = useToast();
  const [key, setKey] = useState('');
  const save = useAction(async (client) => {
    await client.model.setKey({ key: key.trim() });
    await refresh();
    setKey('');
    toast({ title: 'The key is stored' });
  });
  const forget = useAction(async (client) => {
    await client.model.forgetKey();
    await refresh();
    toast({ title: 'The key is forgotten' });
  });
  const fault = save.fault ?? forget.fault;
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <Field
        label={model.key === 'none' ? 'API key' : 'Another API key'}
        hint="Kept in the system's keychain, never shown again, never given to the sandbox."
        error={fault?.field === 'key' ? sentence(fault.message) : undefined}
      >
        {(ids) => (
          <input
            {...ids}
            className={inputClass}
            type="password"
            autoComplete="off"
            value={key}
            placeholder="sk-ant-…"
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      <div className={s.actions}>
        <HostButton type="submit" busy={save.busy} disabled={key.trim().length < 8}>
          Store key
        </HostButton>
        {(model.key === 'keychain' || model.key === 'passphrase_file') && (
          <HostButton look="danger" busy={forget.busy} onClick={() => void forget.run()}>
            Forget key
          </HostButton>
        )}
      </div>
      {fault && fault.field !== 'key' && <FaultNote fault={fault} />}
    </form>
  );
}

function AddressForm({ model }: { model: ModelStatus }) {
  const { refresh } = useHost();
  const toast = useToast();
  const [url, setUrl] = useState(model.baseUrl ?? '');
  const save = useAction(async (client) => {
    await client.model.setBaseUrl({ url: url.trim() || null });
    await refresh();
    toast({ title: 'The address is stored' });
  });
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <Field
        label="Address of the model"
        optional
        hint="Any Anthropic-compatible server, also one on this machine. Empty: Anthropic's own."
        error={
          save.fault
            ? `${sentence(save.fault.message)}\n${save.fault.cure ?? 'Write it as https://host or http://127.0.0.1:port.'}`
            : undefined
        }
      >
        {(ids) => (
          <input
            {...ids}
            className={monoClass}
            value={url}
            placeholder="https://api.anthropic.com"
            spellCheck={false}
            onChange={(event) => setUrl(event.target.value)}
          />
        )}
      </Field>
      <div className={s.actions}>
        <HostButton type="submit" busy={save.busy} disabled={url.trim() === (model.baseUrl ?? '')}>
          Store address
        </HostButton>
      </div>
    </form>
  );
}
