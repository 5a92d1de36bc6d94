/** A keychain that is locked while a run is at work: that run goes on, the next one is blocked, and nothing waits for ever. */
import { expect, test } from 'vitest';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSecrets } from '#host/secrets.ts';
import { createVault } from '#host/vault/vault.ts';
import { hang, say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import { hasSecretService, lockSecretService, secretService } from '../fakes/secret-service.ts';

const key = 'sk-test-locked-in-mid-run';

test.skipIf(!hasSecretService)(
  'locked in mid-run: the run that holds its key goes on, a new one is blocked with the cure (skipped where dbus and gnome-keyring are absent)',
  async () => {
    const env = await secretService(true);
    const api = await startMessagesServer([hang()]);
    const paths = resolvePaths({ NIGHTSHIFT_HOME: scratch() });
    const vault = createVault({ env });
    const secrets = createSecrets();
    const models = createModels({
      ...{ env: { ANTHROPIC_BASE_URL: api.url }, paths, vault, secrets, log: silent, maxRetries: 0 },
    });
    await models.setKey(key);
    const { handlers, ended, routine, audit } = await realRuntime({ models, vault, routine: { checks: [] } });
    await handlers.routines.add({ id: 'first', spec: routine });
    await handlers.routines.add({ id: 'second', spec: routine });
    const first = await handlers.routines.run({ routine: 'first' });
    await api.arrived(1);
    lockSecretService(env);
    const second = await handlers.routines.run({ routine: 'second' });
    const blocked = await ended(second.run);
    expect(blocked).toMatchObject({
      outcome: 'failed',
      reason: { code: 'model.key_missing', cure: expect.stringMatching(/\w/) },
    });
    expect(blocked.reason?.message).toMatch(/keychain/);
    expect(JSON.stringify(blocked)).not.toContain(key);
    api.push(say('All is well.'));
    api.release();
    expect((await ended(first.run)).outcome).toBe('nothing_to_propose');
    expect(api.requests.map(({ headers }) => JSON.stringify(headers).includes(key))).toEqual([true]);
    // Its checkpoints could not be signed, which is said; the chain is none the worse.
    const verdict = await audit.methods.verify({});
    expect(verdict).toMatchObject({ ok: true, runs: 2, first: null });
    expect(verdict.unsigned).toBeGreaterThan(0);
    expect(secrets.text(`it was ${key}`)).toBe('it was [secret]');
    await models.close();
    await api.close();
  },
);
