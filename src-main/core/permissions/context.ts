/** One call on its way through the rules: what was asked, what holds, and the short ways to say what was found. */
import { keyPlace } from './key-places.ts';
import { type Anchors, compilePathPattern, type Matcher, mayReach, namesMeet } from './path-patterns.ts';
import { type FileSystemView, isInside, type Place, placeOf, spell, tidy } from './places.ts';
import type { Effort, Policy, RuleIndex } from './policy.ts';
import { protectedName, protectedNames } from './protected-paths.ts';
import type { Rule } from './rule.ts';
import type { Code, Finding } from './verdict.ts';

export interface ToolCall {
  tool: string;
  input: Readonly<Record<string, unknown>>;
  /** Absolute: where the tool works. */
  cwd: string;
}

export interface Context {
  call: ToolCall;
  policy: Policy;
  view: FileSystemView;
  effort: Effort;
  anchors: Anchors;
  /** Compiled on first use, for this call. */
  compiled: Map<Rule, Matcher>;
}

export function openContext(call: ToolCall, policy: Policy, view: FileSystemView, effort: Effort): Context {
  const { root, home, os } = policy;
  const anchors: Anchors = { root, home, cwd: call.cwd, view, os };
  return { call, policy, view, effort, anchors, compiled: new Map() };
}

export const ask = (code: Code, more: Partial<Finding> = {}): Finding => ({ decision: 'ask', code, ...more });
export const allow = (code: Code, more: Partial<Finding> = {}): Finding => ({ decision: 'allow', code, ...more });

export function byRule(rule: Rule, more: Partial<Finding> = {}): Finding {
  const { text, list, layer, file } = rule;
  return { decision: list, code: `rule.${list}`, rule: text, source: { layer, file }, ...more };
}

export function place(context: Context, written: string, cwd = context.call.cwd, tilde = true): Place {
  return placeOf(written, cwd, context.anchors, tilde);
}

type PathRule = Rule & { subject: { kind: 'path' } };
const isPathRule = (rule: Rule, of: 'Read' | 'Edit'): rule is PathRule =>
  rule.subject.kind === 'path' && rule.subject.of === of;

export const pathRules = (index: RuleIndex, of: 'Read' | 'Edit'): PathRule[] =>
  index.all.filter((rule) => isPathRule(rule, of)) as PathRule[];

function matcherOf(context: Context, rule: PathRule): Matcher {
  const known = context.compiled.get(rule);
  if (known) return known;
  const made = compilePathPattern(rule.subject.pattern, context.anchors, rule.list !== 'allow');
  context.compiled.set(rule, made);
  return made;
}

/** A deny or ask rule needs one of the paths; to allow, every path needs a rule. */
export function pathRule(context: Context, index: RuleIndex, of: 'Read' | 'Edit', at: Place): Rule | null {
  const prohibited = [...at.paths, ...at.also];
  let first: Rule | null = null;
  const open = new Set(at.paths);
  for (const rule of pathRules(index, of)) {
    const match = matcherOf(context, rule);
    if (rule.list !== 'allow') {
      if (prohibited.some(match)) return rule;
      continue;
    }
    for (const path of open)
      if (match(path)) {
        first ??= rule;
        open.delete(path);
      }
  }
  return open.size === 0 ? first : null;
}

/** A deny or ask rule for files that a wildcard could name, or that lie below a folder that is read as a whole. */
export function reachedRule(
  context: Context,
  index: RuleIndex,
  of: 'Read' | 'Edit',
  at: Place,
  below: boolean,
): Rule | null {
  const globs = [...at.paths, ...at.also];
  return (
    pathRules(index, of).find((rule) =>
      globs.some((glob) => mayReach(rule.subject.pattern, context.anchors, glob, below)),
    ) ?? null
  );
}

/** The place of keys that it lies in, or null. */
export function keyPlaceOf(context: Context, { paths }: Place): string | null {
  const [root, home] = [context.policy.root, context.policy.home].map((at) => spell(tidy(at), context.anchors));
  for (const path of paths) {
    const name = keyPlace(path, root as string, home as string);
    if (name) return name;
  }
  return null;
}

/** The allow rules that can speak of it: of a place of keys only those that name it. */
export function allowsFor(context: Context, at: Place): RuleIndex {
  const { allow: allows } = context.policy;
  const name = keyPlaceOf(context, at);
  return name ? { ...allows, all: allows.all.filter(({ text }) => text.toLowerCase().includes(name)) } : allows;
}

export function inProject(context: Context, at: Place): boolean {
  const root = spell(tidy(context.policy.root), context.anchors);
  return at.paths.every((path) => isInside(path, root));
}

/** The protected name on one of its paths; with wildcards, one that it could become. */
export function protectedIn(at: Place, glob: boolean): string | null {
  for (const path of at.paths) {
    const name = protectedName(path);
    if (name) return name;
    if (!glob) continue;
    for (const part of path.split('/'))
      if (/[*?[]/.test(part)) {
        // A wildcard does not stand for a leading dot.
        const reached = part.startsWith('.') ? protectedNames.find((known) => namesMeet(part, known)) : undefined;
        if (reached) return reached;
      }
  }
  return null;
}
