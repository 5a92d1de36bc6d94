/** The files that one simple command reads and writes, as far as its words tell. */
import {
  allowsFor,
  ask,
  byRule,
  type Context,
  inProject,
  keyPlaceOf,
  pathRule,
  pathRules,
  place,
  protectedIn,
  reachedRule,
} from './context.ts';
import { acceptsEdits, decideEdit, decideRead } from './decide-file.ts';
import { readGit } from './guards/git.ts';
import { isInterpreter } from './guards/interpreters.ts';
import { isInside, type Place, spell, tidy } from './places.ts';
import { isReadOnly } from './read-only.ts';
import type { Rule } from './rule.ts';
import { fileUse } from './shell/file-commands.ts';
import type { Segment } from './shell/read-shell.ts';
import { type Candidate, possibleTexts, type ShellWord, startsWithTilde } from './shell/words.ts';
import type { Finding } from './verdict.ts';

export interface Setting {
  /** Where the command may be at work: first the folder of the call, then those that it changed to. */
  folders: readonly string[];
  moved: boolean;
  known: ReadonlyMap<string, readonly Candidate[]>;
  /** Values that the command writes out for variables that are not known; they can add findings, never take one away. */
  told: ReadonlyMap<string, readonly Candidate[]>;
  /** The allow rule that is the whole text. */
  exact: Rule | null;
  compound: boolean;
}

/** Holds nothing, or is there anyway. */
const device = /^\/dev\/(null|stdout|stderr|stdin|tty|zero)$/;

interface Spot {
  at: Place;
  glob: boolean;
}

/** Null: nobody can say. */
function spots(context: Context, word: ShellWord, { folders, known }: Setting): Spot[] | null {
  const texts = possibleTexts(word, known);
  return (
    texts
      ?.filter(({ text }) => !device.test(text))
      .flatMap(({ text, glob }) =>
        folders.map((folder) => ({ at: place(context, text, folder, startsWithTilde(word)), glob })),
      ) ?? null
  );
}

export function decideRedirects(context: Context, { redirects }: Segment, setting: Setting): Finding[] {
  return redirects.flatMap((redirect): Finding[] => {
    const { operator, target } = redirect;
    if (redirect.toVariable) return [ask('bash.dynamic_command', { about: 'a descriptor in a variable' })];
    if (!target) return [ask('bash.unparsable', { about: 'a redirection without a target' })];
    const only = onlyText(target, setting);
    if (device.test(only) || (/^[<>]&$/.test(operator) && /^(\d+|-|\d+-)$/.test(only))) return [];
    if (/^\/dev\/(tcp|udp)\//.test(only)) return [ask('net.host_not_allowed', { about: only })];
    return operator.startsWith('<') && operator !== '<>'
      ? readsOf(context, target, setting, true)
      : redirectedTo(context, target, setting);
  });
}

/** Empty: it can be several, or nobody can say. */
function onlyText(target: ShellWord, { known }: Setting): string {
  const [only, ...more] = possibleTexts(target, known) ?? [];
  return only && more.length === 0 && !only.glob ? only.text : '';
}

function redirectedTo(context: Context, target: ShellWord, setting: Setting): Finding[] {
  const found = writesOf(context, target, setting, acceptsEdits(context));
  if (setting.moved && !setting.exact)
    found.push(ask('bash.cd_combined', { about: 'writing after a change of folder' }));
  return found.map((finding) =>
    finding.code === 'path.protected' ? { ...finding, code: 'bash.redirect_protected_path' } : finding,
  );
}

export function decideFiles(
  context: Context,
  program: string,
  args: readonly ShellWord[],
  setting: Setting,
  { xargs, covered }: { xargs: boolean; covered: boolean },
): Finding[] {
  const use = fileUse(program, program === 'git' ? gitFiles(args) : args);
  const found: Finding[] = [];
  for (const word of use.reads)
    for (const finding of readsOf(context, word, setting, use.reader, use.recursive)) {
      // A rule for the command covers what lies outside; looking without a rule does not.
      const outside = finding.code === 'path.outside_worktree' || finding.code === 'path.symlink';
      if (!outside || (use.reader && !covered)) found.push(finding);
    }
  const deep = use.recursive && !/^(find|du|ls|tree|fd|fdfind)$/.test(program);
  found.push(...use.reads.flatMap((word) => keysAmong(context, word, setting, deep)));
  if (xargs && pathRules(context.policy.deny, 'Read').length > 0)
    found.push(ask('path.unclear', { about: 'names from standard input' }));
  const accepted = changers.test(program);
  for (const word of use.writes) found.push(...writesOf(context, word, setting, accepted));
  if (
    use.writes.length === 0 &&
    !isReadOnly(program, args) &&
    !use.reader &&
    !(program === 'git' && looks.test(readGit(args).subcommand ?? ''))
  )
    found.push(...protectedAmong(context, program, args, use.reads, setting));
  return found.filter(({ decision }) => decision !== 'allow');
}

const changers =
  /^(mkdir|touch|rm|rmdir|mv|cp|sed|gsed|tee|ln|install|dd|truncate|chmod|chown|chgrp|patch|unlink|shred|tar|bsdtar|gtar|zip|xxd|split|gzip|gunzip|bzip2|bunzip2|xz|unxz|lzma|zstd|compress|uncompress)$/;
const looks =
  /^(add|diff|show|log|blame|annotate|grep|cat-file|ls-files|ls-tree|status|commit|check-ignore|describe|rev-parse|archive|push|fetch)$/;

/** Words of git that can be files: neither the subcommand nor what belongs to a message. */
function gitFiles(args: readonly ShellWord[]): ShellWord[] {
  const { subcommand, args: rest } = readGit(args);
  if (!subcommand || /^(commit|tag|branch|push|pull|fetch|remote|stash|config|notes)$/.test(subcommand)) return [];
  return rest;
}

function readsOf(context: Context, word: ShellWord, setting: Setting, reader: boolean, below = false): Finding[] {
  const all = spots(context, word, setting);
  if (!all) return [...unknownRead(context, word), ...toldRead(context, word, setting, reader, below)];
  return all.flatMap((spot): Finding[] => {
    const { at, glob } = spot;
    const reached = glob || below ? reachedRead(context, spot, below) : null;
    if (reached) return [reached];
    if (glob) return inProject(context, at) ? [] : [ask('path.outside_worktree', { path: at.paths[0] ?? null })];
    const found = decideRead(context, at, false);
    if (found.decision === 'allow' || (setting.exact && found.code === 'path.outside_worktree')) return [];
    return [found.decision === 'deny' && !reader ? { ...found, decision: 'ask', code: 'rule.ask' } : found];
  });
}

/** A rule for the command does not cover places of keys. `deep`: everything below is read. */
function keysAmong(context: Context, word: ShellWord, setting: Setting, deep: boolean): Finding[] {
  if (setting.exact) return [];
  const home = spell(tidy(context.policy.home), context.anchors);
  return (spots(context, word, setting) ?? []).flatMap(({ at }): Finding[] => {
    const whole = deep && at.paths.some((path) => isInside(home, path)) && !inProject(context, at);
    const name = keyPlaceOf(context, at) ?? (whole ? 'a home' : null);
    if (!name || (!whole && pathRule(context, allowsFor(context, at), 'Read', at))) return [];
    return [ask('path.outside_worktree', { path: at.paths[0] ?? null, about: `a place of keys: ${name}` })];
  });
}

/** What the command itself gives the variable may be what is read; that it may be something else forgives nothing. */
function toldRead(context: Context, word: ShellWord, setting: Setting, reader: boolean, below: boolean): Finding[] {
  const known = new Map([...setting.told, ...setting.known]);
  return possibleTexts(word, known) ? readsOf(context, word, { ...setting, known }, reader, below) : [];
}

/** A name that only the run knows may be any that a rule forbids. */
function unknownRead({ policy }: Context, word: ShellWord): Finding[] {
  const [rule] = [...pathRules(policy.deny, 'Read'), ...pathRules(policy.ask, 'Read')];
  const about = `${word.raw.slice(0, 60)} may name what the rule forbids`;
  return rule ? [byRule(rule, { decision: 'ask', code: 'rule.ask', about })] : [];
}

function reachedRead(context: Context, { at, glob }: Spot, below: boolean): Finding | null {
  const { deny, ask: asks } = context.policy;
  // Named outright, it is forbidden rather than reached.
  if (!glob && pathRule(context, deny, 'Read', at)) return null;
  const rule = reachedRule(context, deny, 'Read', at, below) ?? reachedRule(context, asks, 'Read', at, below);
  return rule ? byRule(rule, { decision: 'ask', code: 'rule.ask', path: at.paths[0] ?? null }) : null;
}

function writesOf(context: Context, word: ShellWord, setting: Setting, accepted: boolean): Finding[] {
  const all = spots(context, word, setting);
  if (!all)
    return [ask('path.unclear', { about: `the name of the file is only known at run time: ${word.raw.slice(0, 60)}` })];
  return all.flatMap(({ at, glob }): Finding[] => {
    const found = decideEdit(context, at, accepted, glob);
    if (setting.exact && /^(path\.outside_worktree|rule\.none|path\.symlink)$/.test(found.code)) return [];
    return found.decision === 'allow' ? [] : [found];
  });
}

function protectedAmong(
  context: Context,
  program: string,
  args: readonly ShellWord[],
  reads: readonly ShellWord[],
  setting: Setting,
): Finding[] {
  const script = isInterpreter(program) && args[0] && isSkillScript(context, args[0], setting) ? args[0] : null;
  return reads.flatMap((word) => (word === script ? [] : protectedOf(context, word, setting)));
}

/** The script of a skill of the project, as the first word of the program that reads it: it is run, and not written. */
function isSkillScript(context: Context, word: ShellWord, setting: Setting): boolean {
  const folder = spell(`${tidy(context.policy.root)}/.claude/skills`, context.anchors);
  const all = spots(context, word, setting) ?? [];
  return (
    all.length > 0 && all.every(({ at, glob }) => !glob && !at.odd && at.paths.every((path) => isInside(path, folder)))
  );
}

/** Any word of a command that is allowed by a wildcard may be where it writes. */
function protectedOf(context: Context, word: ShellWord, setting: Setting): Finding[] {
  for (const { at, glob } of spots(context, word, setting) ?? []) {
    const name = protectedIn(at, glob);
    if (name) return [ask('path.protected', { path: at.paths[0] ?? null, about: name })];
  }
  return [];
}
