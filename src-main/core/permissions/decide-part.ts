/** One simple command of a compound: its variables, its redirections, the files it touches, and who allows it. */
import { programName, rawText, strictText } from './bash-forms.ts';
import { allow, ask, byRule, type Context, inProject, place } from './context.ts';
import { acceptsEdits } from './decide-file.ts';
import { decideFiles, decideRedirects, type Setting } from './decide-part-files.ts';
import { isDangerousVariable, isSafeVariable } from './guards/environment.ts';
import { readGit } from './guards/git.ts';
import { guardFault } from './guards/guard.ts';
import { farWords } from './guards/outside-values.ts';
import { outwardReason } from './outward.ts';
import { isInside, placeOf } from './places.ts';
import { matchBash } from './policy.ts';
import { isReadOnly } from './read-only.ts';
import { fileUse } from './shell/file-commands.ts';
import type { Segment } from './shell/read-shell.ts';
import { isStatic, possibleTexts, type ShellWord, startsWithTilde } from './shell/words.ts';
import { unwrap } from './shell/wrappers.ts';
import { type Finding, worst } from './verdict.ts';
import { moveTo } from './working-folder.ts';

export function decidePart(context: Context, segment: Segment, setting: Setting): Finding {
  const { exact } = setting;
  const findings = [...decideRedirects(context, segment, setting)];
  if (!exact) findings.push(...decideVariables(segment));
  if (segment.words.length > 0) findings.push(...decideCommand(context, segment, setting));
  return worst(findings) ?? (exact ? byRule(exact) : allow('read_only'));
}

/** Variables before a command, or standing alone for the commands that follow. */
function decideVariables({ assigned, words }: Segment): Finding[] {
  const bad = assigned.find(({ name, value }) => {
    if (words.length > 0 && !isSafeVariable(name)) return true;
    // In a subscript there is arithmetic, and arithmetic can run commands.
    return isDangerousVariable(name) || value === null;
  });
  return bad ? [ask('bash.env_assignment', { about: bad.name })] : [];
}

function decideCommand(context: Context, segment: Segment, setting: Setting): Finding[] {
  const { policy } = context;
  const { exact, moved, folders, known } = setting;
  const { words, xargs, unclear } = unwrap(segment.words);
  const [name, ...args] = words;
  if (!name) return [];
  if (unclear || !isPlainName(name)) return [ask('bash.dynamic_command', { about: name.raw.slice(0, 80) })];
  const program = programName(name.value, false);
  const permitted = permission(context, segment, words, { program, args, xargs, known, folders });
  const covered = exact !== null || permitted.code === 'rule.allow';
  const findings = decideFiles(context, program, args, setting, { xargs, covered });
  if (isRemovalOf(program)) findings.push(...decideRemoval(context, args, setting, xargs));
  if (policy.mode === 'auto' || policy.outward) {
    const reason = outwardReason(program, args, segment.fed, policy.mode === 'auto' ? 'all' : 'outside');
    if (reason) findings.push(ask('auto.destructive', { about: reason }));
  }
  const target = moveTo(context, { ...segment, words }, folders, known);
  if (target) findings.push(...decideMove(context, target));
  if (exact) return findings;
  if (program === 'git' && (moved || !staysHere(context, args, folders)))
    findings.push(ask('bash.cd_combined', { about: 'git in another folder' }));
  findings.push(permitted);
  return findings;
}

/** Letters that the shell takes as they are. A path that begins at home is known, too, but no rule speaks of it. */
function isPlainName(name: ShellWord): boolean {
  return isStatic(name) && name.value !== '' && !name.raw.startsWith('~') && !/[\s\p{Cc}]/u.test(name.value);
}

interface Command {
  program: string;
  args: ShellWord[];
  xargs: boolean;
  known: Setting['known'];
  folders: Setting['folders'];
}

/** Exact rule, guard, wildcard rule, looking only, mode: the first that speaks. */
function permission(
  context: Context,
  segment: Segment,
  words: readonly ShellWord[],
  { program, args, xargs, known, folders }: Command,
): Finding {
  const { allow: allows } = context.policy;
  const written = [segment.words, words].flatMap((form) => [rawText(form), strictText(form)]);
  const exactly =
    !xargs &&
    matchBash(allows, written, context.effort, ({ subject }) => subject.kind === 'bash' && subject.pattern.exact);
  if (exactly && segment.words.every(isStatic)) return byRule(exactly);
  const fault =
    xargs && hasOptionsToFear(program)
      ? `${program} with arguments from xargs`
      : (variableFault(program, args) ?? guardFault(program, args, segment.fed));
  const path = (words[0]?.value ?? '').includes('/');
  const rule =
    matchBash(
      allows,
      [strictText(words), rawText(words)],
      context.effort,
      ({ subject }) => subject.kind === 'bash' && !subject.pattern.exact,
    ) ?? allows.bashIsBare;
  const free = !path && isReadOnly(program, args);
  if (isAcceptedEdit(context, { program, args, xargs, known, folders }, path, fault, segment.fed))
    return rule ? byRule(rule) : allow('mode.accept_edits');
  if (fault) return ask('bash.flag_guard', { about: fault.slice(0, 80) });
  if (rule)
    return (
      actsOnOthers(program, args, segment.fed) ??
      (free ? null : outside(context, program, args, folders)) ??
      inPlan(context, program) ??
      byRule(rule)
    );
  if (free || isFreeDeclaration(program, args)) return allow('read_only');
  return ask('rule.none');
}

/** No wildcard speaks of that, in no mode. */
function actsOnOthers(program: string, args: readonly ShellWord[], fed: boolean): Finding | null {
  const about = outwardReason(program, args, fed, 'every');
  return about ? ask('auto.destructive', { about }) : null;
}

const inPlan = ({ policy }: Context, program: string): Finding | null =>
  policy.mode === 'plan' && changes.test(program) ? ask('mode.plan') : null;

/** A wildcard for a program speaks of this project: what it loads from elsewhere, or puts elsewhere, needs its own yes. */
function outside(
  context: Context,
  program: string,
  args: readonly ShellWord[],
  folders: Setting['folders'],
): Finding | null {
  if (program === 'curl' || changes.test(program) || fileUse(program, args).reader) return null;
  for (const text of farWords(program, args))
    for (const folder of folders) {
      const at = place(context, text, folder);
      if (inProject(context, at)) continue;
      return ask('path.outside_worktree', {
        path: at.paths[0] ?? text,
        about: 'a file that the command is told to use',
      });
    }
  return null;
}

/** What `acceptEdits` approves beyond edits; the files are looked at elsewhere. */
function isAcceptedEdit(
  context: Context,
  { program, args, xargs, known }: Command,
  path: boolean,
  fault: string | null,
  fed: boolean,
): boolean {
  if (!acceptsEdits(context) || path || xargs || !accepts.has(program)) return false;
  if (!args.every((word) => isPlainFlag(word) && possibleTexts(word, known) !== null)) return false;
  return program !== 'sed' || fault === null || isInPlaceOnly(args, fed);
}

const accepts = new Set(['mkdir', 'touch', 'rm', 'rmdir', 'mv', 'cp', 'sed']);
const changes = /^(mkdir|touch|rm|rmdir|mv|cp|ln|tee|dd|truncate|install|chmod|chown|patch|shred|unlink)$/;

/** Options that only say how; those that name files are looked at with the files. */
function isPlainFlag(word: ShellWord): boolean {
  return (
    !word.value.startsWith('-') ||
    !/^--(target-directory|reference|backup|suffix|context|files0|no-preserve-root)|^-[a-zA-Z]*[tSZ]/.test(word.value)
  );
}

/** Is `-i` all that the guard has against it? */
function isInPlaceOnly(args: readonly ShellWord[], fed: boolean): boolean {
  const rest = args.flatMap((word) => {
    if (/^(-[nErsuz]*i|--in-place)$/.test(word.value)) return [];
    return [word];
  });
  return rest.length < args.length && guardFault('sed', rest, fed) === null;
}

/** `export NODE_ENV=test`: as if it stood before each of the commands that follow. */
function variableFault(program: string, args: readonly ShellWord[]): string | null {
  if (!/^(export|declare|typeset|local|readonly|unset)$/.test(program)) return null;
  for (const word of args) {
    const name = /^[A-Za-z_]\w*(?=\+?=|$)/.exec(word.value)?.[0];
    if (word.value.startsWith('-') ? !/^-[prx]$/.test(word.value) : !name || isDangerousVariable(name)) return word.raw;
    if (program !== 'local' && program !== 'unset' && name && !isSafeVariable(name)) return word.raw;
  }
  return null;
}

function isFreeDeclaration(program: string, args: readonly ShellWord[]): boolean {
  return (
    program === 'export' && args.length > 0 && args.every((word) => isStatic(word) && /^[A-Z_]+=/.test(word.value))
  );
}

/** With xargs, whoever wrote the input chooses the options. */
function hasOptionsToFear(program: string): boolean {
  return !/^(cat|ls|wc|head|tail|echo|grep|stat|du|basename|dirname|test|prettier|printf|md5sum|sha256sum|file)$/.test(
    program,
  );
}

function staysHere(context: Context, args: readonly ShellWord[], folders: readonly string[]): boolean {
  const { directories } = readGit(args);
  return directories.every((directory) => {
    const target = moveTo(
      context,
      {
        words: [{ ...directory, value: 'cd', raw: 'cd', atoms: [] }, directory],
        assigned: [],
        redirects: [],
        fed: false,
      },
      folders,
      new Map(),
    );
    return target !== null && target.length === 1 && target[0] === folders[0];
  });
}

function decideMove(context: Context, target: readonly string[]): Finding[] {
  const root = context.policy.root;
  const inside = target.length > 0 && target.every((path) => path === root || path.startsWith(`${root}/`));
  return inside ? [] : [ask('path.outside_worktree', { path: target[0] ?? null, about: 'a change of folder' })];
}

const isRemovalOf = (program: string) => /^(rm|rmdir|unlink|shred)$/.test(program);

/** The root, a home, the project itself, or a name that only the run knows: in no mode. */
function decideRemoval(context: Context, args: readonly ShellWord[], { folders }: Setting, xargs: boolean): Finding[] {
  const bad = args.find(
    (word) =>
      word.value === '--no-preserve-root' ||
      word.atoms.some(({ kind }) => kind === 'variable' || kind === 'unknown') ||
      folders.some((folder) => isDear(context, word, folder)),
  );
  const missing = xargs ? 'names from standard input' : bad?.raw;
  return missing ? [ask('bash.dangerous_removal', { about: missing.slice(0, 80) })] : [];
}

function isDear({ policy, anchors }: Context, word: ShellWord, folder: string): boolean {
  const { home, root } = policy;
  // `x/*` empties x as well as removing it does.
  const whole = /(^|\/)[*?.]*\*$/.test(word.value);
  const text = word.value.replace(/(^|\/)[*?.]*\*$/, '$1');
  const { paths } = placeOf(text === '' ? '.' : text, folder, anchors, startsWithTilde(word));
  return paths.some(
    (path) =>
      /^\/(home|root|Users)?$/.test(path) || path === home || (isInside(root, path) && !(whole && path === root)),
  );
}
