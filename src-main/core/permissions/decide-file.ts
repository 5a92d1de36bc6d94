/** Reading and editing files: path rules, protected places, the project's edge, and what the mode adds. */
import {
  allow,
  allowsFor,
  ask,
  byRule,
  type Context,
  inProject,
  pathRule,
  place,
  protectedIn,
  reachedRule,
} from './context.ts';
import type { Place } from './places.ts';
import { isEditTool, isReadTool } from './rule.ts';
import { type Finding, worst } from './verdict.ts';

const pathKeys = ['file_path', 'path', 'notebook_path', 'filePath', 'directory'];

export function decideFile(context: Context): Finding {
  const { tool, input } = context.call;
  const edits = isEditTool(tool);
  const written = pathKeys.flatMap((key) => (input[key] === undefined ? [] : [input[key]]));
  const searches = tool === 'Glob' || tool === 'Grep' || tool === 'LS';
  if (written.length === 0 && searches) written.push('.');
  if (written.length === 0 || !written.every((path) => typeof path === 'string' && path !== ''))
    return ask('input.invalid', { about: 'no path' });
  const findings = (written as string[]).map((path) => {
    const at = place(context, path);
    return edits ? decideEdit(context, at) : decideRead(context, at, searches);
  });
  for (const pattern of [tool === 'Glob' ? input.pattern : undefined, input.glob])
    if (typeof pattern === 'string' && searches)
      findings.push(decideSearch(context, pattern, String(input.path ?? '.')));
  return worst(findings) ?? ask('input.invalid');
}

/** A search whose pattern leads elsewhere, or to a forbidden name. */
function decideSearch(context: Context, pattern: string, base: string): Finding {
  const at = place(context, /^[/~]/.test(pattern) ? pattern : `${base}/${pattern}`);
  return decideReached(context, at) ?? decideRead(context, at, false);
}

function decideReached(context: Context, at: Place): Finding | null {
  const { deny, ask: asks } = context.policy;
  const rule = reachedRule(context, deny, 'Read', at, true) ?? reachedRule(context, asks, 'Read', at, true);
  return rule
    ? byRule(rule, { decision: 'ask', code: 'rule.ask', path: at.paths[0] ?? null, about: 'the search could reach it' })
    : null;
}

export function decideRead(context: Context, at: Place, below: boolean): Finding {
  const { deny, ask: asks } = context.policy;
  const allows = allowsFor(context, at);
  const path = at.paths[0] ?? null;
  const denied = pathRule(context, deny, 'Read', at);
  if (denied) return byRule(denied, { path });
  const asked = pathRule(context, asks, 'Read', at);
  if (asked) return byRule(asked, { path });
  if (at.odd) return ask('path.unclear', { path, about: at.odd });
  const reached = below ? decideReached(context, at) : null;
  if (reached) return reached;
  const allowed = pathRule(context, allows, 'Read', at);
  if (allowed) return byRule(allowed, { path });
  const bare = allows.all.find(
    ({ subject }) => subject.kind === 'tool' && (subject.tool === 'Read' || isOwn(context, subject.tool)),
  );
  if (bare) return byRule(bare, { path });
  if (inProject(context, at)) return allow('read_only', { path });
  return ask(at.linked && leadsOut(context, at) ? 'path.symlink' : 'path.outside_worktree', { path });
}

/** Also for the files that a command writes. `accepted`: the mode approves this kind of change inside the project. */
export function decideEdit(context: Context, at: Place, accepted = acceptsEdits(context), glob = false): Finding {
  const { deny, ask: asks, mode } = context.policy;
  const allows = allowsFor(context, at);
  const path = at.paths[0] ?? null;
  const denied = pathRule(context, deny, 'Edit', at);
  if (denied) return byRule(denied, { path });
  const asked = pathRule(context, asks, 'Edit', at) ?? (glob ? reachedRule(context, deny, 'Edit', at, true) : null);
  if (asked) return byRule(asked, { decision: 'ask', code: 'rule.ask', path });
  const guarded = protectedIn(at, glob);
  if (guarded) return ask('path.protected', { path, about: guarded });
  if (at.odd) return ask('path.unclear', { path, about: at.odd });
  if (mode === 'plan') return { decision: 'ask', code: 'mode.plan', path };
  const allowed = pathRule(context, allows, 'Edit', at);
  if (allowed) return byRule(allowed, { path });
  const inside = inProject(context, at);
  const bare = allows.all.find(
    ({ subject }) => subject.kind === 'tool' && (subject.tool === 'Edit' || isOwn(context, subject.tool)),
  );
  if (inside && bare) return byRule(bare, { path });
  if (inside && accepted) return allow('mode.accept_edits', { path });
  if (at.linked && leadsOut(context, at)) return ask('path.symlink', { path });
  return ask(inside ? 'rule.none' : 'path.outside_worktree', { path });
}

/** The rule is for the tool of the call, and that tool is about files. */
function isOwn({ call }: Context, tool: string): boolean {
  return tool === call.tool && (isEditTool(tool) || isReadTool(tool));
}

export function acceptsEdits({ policy }: Context): boolean {
  return policy.mode === 'acceptEdits';
}

/** One name of it is inside the project, another is not. */
function leadsOut(context: Context, at: Place): boolean {
  return at.paths.some((path) => inProject(context, { ...at, paths: [path] })) && !inProject(context, at);
}
