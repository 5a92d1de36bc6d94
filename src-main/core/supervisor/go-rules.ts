/** The permission rules that one go of a run works by, with what was granted to its routine. */
import type { RoutineSpec } from '#contract/routines.ts';
import { contentHash } from '#core/grants/content.ts';
import type { Grants } from '#core/grants/grants.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import type { LoadedRules, Rules } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Site } from './workplace.ts';

interface Parts {
  store: Store;
  grants: Pick<Grants, 'inForce'>;
  /** Left out: the mode of the routine alone decides. */
  rules?: Rules;
}

/** They are recorded: rules may differ from those of an earlier go, and then its approvals do not count. */
export async function rulesOf(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  site: Site,
  seenAt: string,
): Promise<Pick<LoadedRules, 'judge' | 'webHosts'>> {
  const loaded = await loadRules(parts, run, spec, site, seenAt);
  if (!parts.rules) return loaded;
  const { sources, problems } = loaded;
  const { version } = loaded.judge;
  parts.store.commit((writer) =>
    writer.append({ type: 'policy.loaded', run, version, mode: spec.permissionMode, sources, problems }),
  );
  return loaded;
}

/** For a worktree at `site`, seen inside as `seenAt` says. Throws as `Rules.load`. */
export async function loadRules(
  { store, rules, grants }: Parts,
  run: string,
  spec: RoutineSpec,
  site: Site,
  seenAt: string,
): Promise<LoadedRules> {
  if (!rules) return { judge: modeJudge(spec.permissionMode), sources: [], problems: [] };
  const routine = store.read.run(run)?.routine ?? '';
  const hash = contentHash(store.records.spec(run) ?? spec);
  const granted = () => grants.inForce(routine, hash).flatMap((it) => (it.kind === 'rule' ? [it.rule] : []));
  return await rules.load(spec, site.repo.root, site.directory, granted, seenAt);
}
