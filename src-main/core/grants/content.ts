/** What a grant is bound to: one hash over everything of a routine that decides what its runs do and may do. */
import { createHash } from 'node:crypto';
import type { RoutineSpec } from '#contract/routines.ts';
import { canonical } from '#core/questions/bind.ts';

/** The same spec object is asked for again with every tool call. */
const known = new WeakMap<RoutineSpec, string>();

/** 64 hexadecimal digits. Name, description, schedule, policies, effort and limits may change without a grant lapsing. */
export function contentHash(spec: RoutineSpec): string {
  const before = known.get(spec);
  if (before) return before;
  const { prompt, permissionMode, permissions, repository, model, network, checks, goal, rubric, artifacts } = spec;
  // Connectors are named although there are none yet: the first one makes another content.
  const content = { prompt, permissionMode, permissions, repository, model, network, checks, connectors: [] };
  // Only where there are any: what was granted before there were such is not lost.
  const aims = {
    ...(goal ? { goal } : {}),
    ...(rubric ? { rubric } : {}),
    ...(artifacts.length > 0 ? { artifacts } : {}),
  };
  const hash = createHash('sha256')
    .update(canonical({ ...content, ...aims }))
    .digest('hex');
  known.set(spec, hash);
  return hash;
}
