/** All rules that are in force for a call, from every layer, made ready to be asked; the same input gives the same version. */
import { createHash } from 'node:crypto';
import { firstWord, matchesPattern } from './bash-patterns.ts';
import type { System } from './places.ts';
import { type Rule, type RuleList, readRule, ruleLists } from './rule.ts';

export type Mode = 'default' | 'acceptEdits' | 'plan' | 'dontAsk' | 'auto';

/** From the strongest to the weakest. */
export const layerNames = ['managed', 'command line', 'local', 'project', 'person'] as const;
export type LayerName = (typeof layerNames)[number];

/** The rules of one file. */
export interface PolicyLayer {
  name: LayerName;
  /** Path of the file, or what stands for it. */
  file: string;
  allow: readonly string[];
  ask: readonly string[];
  deny: readonly string[];
}

export interface PolicyOptions {
  mode: Mode;
  /** Absolute: top of the project. */
  root: string;
  /** Absolute. */
  home: string;
  /** Nobody can be asked now: what would be asked is denied. */
  unattended: boolean;
  os: System;
  /** Why nothing may be allowed by itself, e.g. a settings file that cannot be read. */
  closed?: string;
  /** Ask a person about what leaves the machine or cannot be undone in every mode, not in auto mode only. */
  outward?: boolean;
  /** Allow rules count in managed settings only. */
  managedRulesOnly?: boolean;
}

export interface Policy extends Readonly<Omit<PolicyOptions, 'managedRulesOnly'>> {
  /** `sha256:` and 64 digits, over everything above and every rule. */
  version: string;
  /** In the order of the layers. */
  rules: readonly Rule[];
  deny: RuleIndex;
  ask: RuleIndex;
  allow: RuleIndex;
}

/** Rules of one list, sorted by what they are about. */
export interface RuleIndex {
  all: readonly Rule[];
  /** By the first word that the command must have. */
  byWord: ReadonlyMap<string, readonly Rule[]>;
  /** Bash rules that may match whatever the first word is. */
  anyWord: readonly Rule[];
  bashIsBare: Rule | null;
}

/** Order of the layers in `layers` does not matter. */
export function compilePolicy(layers: readonly PolicyLayer[], options: PolicyOptions): Policy {
  const sorted = [...layers].sort((a, b) => layerNames.indexOf(a.name) - layerNames.indexOf(b.name));
  const rules = sorted.flatMap((layer) =>
    ruleLists.flatMap((list) =>
      list === 'allow' && options.managedRulesOnly && layer.name !== 'managed'
        ? []
        : layer[list].map((text) => readRule(text, list, { layer: layer.name, file: layer.file }, options.os)),
    ),
  );
  const { mode, root, home, unattended, os, closed, outward } = options;
  const settings = { mode, root, home, unattended, os, closed, outward };
  const written = rules.map(({ text, list, layer, file }) => [text, list, layer, file]);
  const version = `sha256:${createHash('sha256')
    .update(JSON.stringify([settings, written]))
    .digest('hex')}`;
  const pick = (list: RuleList) => indexRules(rules.filter((rule) => rule.list === list && inForce(rule, mode)));
  return { ...settings, version, rules, deny: pick('deny'), ask: pick('ask'), allow: pick('allow') };
}

/** Auto mode has a classifier for what broad rules would wave through. */
function inForce(rule: Rule, mode: Mode): boolean {
  if (mode !== 'auto' || rule.list !== 'allow') return true;
  const { subject } = rule;
  if (subject.kind === 'tool') return !/^(Bash|Agent|Task|Workflow|PowerShell)$/.test(subject.tool);
  if (subject.kind !== 'bash' || subject.pattern.exact) return true;
  const head = `${subject.pattern.parts[0]?.trim() ?? ''} `;
  return !broad.test(head);
}

const broad =
  /^$|^ $|^(python|pypy|node|deno|bun|perl|ruby|php|lua|bash|sh|zsh|dash|ksh|fish|pwsh|osascript|npx|bunx|uvx|pipx|xargs|env|sudo|ssh|docker|make|eval|exec|go run|cargo run|npm( run| exec)?|pnpm( run| exec| dlx)?|yarn( run| dlx)?|uv run|poetry run|tsx|ts-node)[\d.]* $/;

function indexRules(all: readonly Rule[]): RuleIndex {
  const byWord = new Map<string, Rule[]>();
  const anyWord: Rule[] = [];
  let bashIsBare: Rule | null = null;
  for (const rule of all) {
    if (rule.subject.kind === 'tool' && rule.subject.tool === 'Bash') bashIsBare ??= rule;
    if (rule.subject.kind !== 'bash') continue;
    const word = firstWord(rule.subject.pattern);
    if (word === null) anyWord.push(rule);
    else byWord.set(word, [...(byWord.get(word) ?? []), rule]);
  }
  return { all, byWord, anyWord, bashIsBare };
}

/** Steps that one call may spend on comparing; then it is given up, and not allowed. */
export interface Effort {
  left: number;
}

export const fullEffort = 30_000_000;

/** The first Bash rule with a pattern that matches one of the texts. `wanted` narrows it. */
export function matchBash(
  index: RuleIndex,
  texts: readonly string[],
  effort: Effort,
  wanted?: (rule: Rule) => boolean,
): Rule | null {
  for (const text of texts) {
    const word = /^\S*/.exec(text)?.[0] ?? '';
    const matches = (rule: Rule) => !(wanted && !wanted(rule)) && matchesRule(rule, text, effort);
    const found = index.byWord.get(word)?.find(matches) ?? index.anyWord.find(matches);
    if (found) return found;
  }
  return null;
}

function matchesRule({ subject }: Rule, text: string, effort: Effort): boolean {
  if (subject.kind !== 'bash' || effort.left <= 0) return false;
  effort.left -= subject.pattern.parts[0] === '' ? text.length : 1;
  return matchesPattern(subject.pattern, text);
}
