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
  const { prompt, permissionMode, permissions, repository, model, network, checks, fallbackModel, advisor } = spec;
  const { goal, rubric, artifacts, hooks, web } = spec;
  // Connectors are named although there are none yet: the first one makes another content.
  const content = {
    ...{ prompt, permissionMode, permissions, repository, model, network, checks, connectors: [] },
    // What a grant was given for before there was such a thing is the same content still.
    ...(fallbackModel ? { fallbackModel } : {}),
    ...(web?.length ? { web } : {}),
    ...(advisor ? { advisor } : {}),
    ...(goal ? { goal } : {}),
    ...(rubric ? { rubric } : {}),
    ...(artifacts.length > 0 ? { artifacts } : {}),
    ...(hooks && hooks !== 'trusted' ? { hooks } : {}),
  };
  const hash = createHash('sha256').update(canonical(content)).digest('hex');
  known.set(spec, hash);
  return hash;
}
