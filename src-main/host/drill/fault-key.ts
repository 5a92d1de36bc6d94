/** The key is revoked in the middle of a run: the run ends with that reason, and the next one works again. */
import { fireOnce } from './fault-processes.ts';
import { type Fault, must } from './stage.ts';

export const keyRevoked: Fault = {
  fault: 'key_revoked',
  done: 'the key revoked (status 401) in the middle of one run and before another, then restored',
  expected: 'both runs end as failed because of the key, without a key in any event; the next one proposes',
  async run(stage) {
    const { profile, attach, ended, show, stop, until } = stage;
    const { model } = profile;
    const host = await attach();
    model.hold(1);
    const first = await fireOnce(stage, host);
    await until('the second question to the model', () => model.held() > 0);
    model.revoke(true);
    model.hold(null);
    const broken = await ended(host.client, first);
    const refused = await ended(host.client, await fireOnce(stage, host));
    for (const { outcome, reason } of [broken, refused])
      must(outcome === 'failed' && reason?.code === 'model.key_rejected', `a run ended as ${outcome}: ${reason?.code}`);
    model.revoke(false);
    const last = await ended(host.client, await fireOnce(stage, host));
    const { seq } = await host.client.host.status();
    await until('the whole log', () => stage.heard.length >= seq);
    await stop(host);
    must(
      last.outcome === 'proposed',
      `with the key restored the run ended as ${last.outcome}: ${last.reason?.message}`,
    );
    must(!JSON.stringify(stage.heard).includes(model.key), 'the key stands in the log');
    show(`reason: ${broken.reason?.message}`, `cure: ${broken.reason?.cure}`);
    return 'both runs failed with the reason, and with the key restored the next one proposed';
  },
};
