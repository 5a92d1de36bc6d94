/** A shell command is as good as its worst part: each part is found by parsing, and each needs its own permission. */
import { forms, rawText } from './bash-forms.ts';
import { matchesPattern } from './bash-patterns.ts';
import { allow, ask, byRule, type Context } from './context.ts';
import { decidePart } from './decide-part.ts';
import { isDangerousVariable } from './guards/environment.ts';
import { tidy } from './places.ts';
import { matchBash, type RuleIndex } from './policy.ts';
import type { Rule } from './rule.ts';
import { arithmeticName, countersOf, readShell, type Segment, type ShellReading } from './shell/read-shell.ts';
import { commandNames } from './shell/second-opinion.ts';
import { type Candidate, possibleTexts } from './shell/words.ts';
import { type Finding, worst } from './verdict.ts';
import { moveTo } from './working-folder.ts';

const longest = 100_000;
/** Beyond it the text is not even searched for forbidden commands. */
const longestRead = 4_000_000;

export function decideBash(context: Context): Finding {
  const { command } = context.call.input;
  if (typeof command !== 'string' || command.trim() === '') return ask('input.invalid', { about: 'no command' });
  if (command.length > longestRead) return tooLong(command);
  const { deny, ask: asks } = context.policy;
  const searched = [deny, asks].some(({ all }) => all.some(({ subject }) => subject.kind === 'bash'));
  // Such a text is never allowed; it is only read to find what is forbidden in it.
  if (command.length > longest && !searched) return tooLong(command);
  const reading = readShell(command);
  const findings = prohibitions(context, reading, command);
  if (findings.some(({ decision }) => decision === 'deny')) return worst(findings) as Finding;
  findings.push(...legibility(command, reading));
  if (command.length > longest) return worst([...findings, tooLong(command)]) as Finding;
  const exact = findings.length === 0 ? exactRule(context, command) : null;
  const found = worst([...findings, ...parts(context, reading, exact)]) ?? (exact ? byRule(exact) : allow('read_only'));
  if (found.decision !== 'allow' || agrees(command, reading)) return found;
  return ask('bash.unparsable', { about: 'two parsers see different commands in it' });
}

const tooLong = ({ length }: string) => ask('limit.length', { about: `${length} characters, at most ${longest}` });

/** Deny and ask rules reach every command in the text, also behind wrappers and inside substitutions. */
function prohibitions(context: Context, { segments }: ShellReading, command: string): Finding[] {
  const { deny, ask: asks } = context.policy;
  const fold = context.view.caseInsensitive || context.policy.os === 'windows';
  const found: Finding[] = [];
  for (const index of [deny, asks]) {
    if (index.byWord.size === 0 && index.anyWord.length === 0) continue;
    const whole = index.all.find(
      (rule) => speaksOfMany(rule) && matchBash(onlyRule(rule), [command.trim()], context.effort),
    );
    if (whole) found.push(byRule(whole));
    for (const segment of segments) {
      const rule = matchBash(index, forms(segment, { fold }), context.effort);
      if (rule) found.push(byRule(rule, { segment: rawText(segment.words) }));
      if (rule?.list === 'deny') return found;
    }
  }
  return found;
}

/** A rule such as `curl * | sh` is about more than one command. */
function speaksOfMany({ subject }: Rule): boolean {
  return (
    subject.kind === 'bash' &&
    !subject.pattern.parts[0]?.startsWith('*') &&
    subject.pattern.parts.some((part) => /[|;&<>]/.test(part))
  );
}

const onlyRule = (rule: Rule): RuleIndex => ({ all: [rule], byWord: new Map(), anyWord: [rule], bashIsBare: null });

/** Control and format characters but tab and new line, and blanks that are no spaces to the shell. */
const invisible = /(?![\t\n])\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|(?! )\p{Zs}|[\u115f\u1160\u2800\u3164\uffa0]/u;

/** What makes a text unfit for approval, whatever it does. */
function legibility(command: string, reading: ShellReading): Finding[] {
  const found: Finding[] = [];
  if (!command.isWellFormed()) found.push(ask('bash.unparsable', { about: 'broken Unicode' }));
  const hidden = invisible.exec(command);
  if (hidden)
    found.push(
      ask('bash.unparsable', {
        about: `the invisible character U+${hidden[0].codePointAt(0)?.toString(16).padStart(4, '0')}`,
      }),
    );
  const loop = [...reading.loopNames, ...reading.counted].find(isDangerousVariable);
  if (loop) found.push(ask('bash.env_assignment', { about: loop }));
  for (const problem of reading.problems.slice(0, 1)) found.push(ask('bash.unparsable', { about: problem }));
  const counters = reading.hazards.length > 0 ? countersOf(reading) : new Set();
  const hazard = reading.hazards.find((about) => {
    const name = arithmeticName(about);
    return name === null || !counters.has(name);
  });
  if (hazard) found.push(ask('bash.dynamic_command', { about: hazard }));
  return found;
}

/** An allow rule without wildcard that is the whole text, as it is written. */
function exactRule(context: Context, command: string): Rule | null {
  const text = command.trim();
  return (
    context.policy.allow.byWord
      .get(/^\S*/.exec(text)?.[0] ?? '')
      ?.find(
        ({ subject }) => subject.kind === 'bash' && subject.pattern.exact && matchesPattern(subject.pattern, text),
      ) ?? null
  );
}

function parts(context: Context, reading: ShellReading, exact: Rule | null): Finding[] {
  const { segments } = reading;
  const known = knownVariables(context, reading);
  const told = toldValues(segments, known);
  const start = tidy(context.call.cwd);
  let folders = [start];
  let moved = false;
  return segments.map((segment) => {
    const finding = decidePart(context, segment, { folders, moved, known, told, exact, compound: segments.length > 1 });
    const target = moveTo(context, segment, folders, known);
    if (target !== null && (target.length !== 1 || target[0] !== start)) {
      moved = true;
      // Whether it really got there is not known; both are thought of.
      folders = [...new Set([...folders, ...target])].slice(-8);
    }
    return { segment: rawText(segment.words) || null, ...finding };
  });
}

/** Loop variables and the two that everybody knows, unless the command gives them another value. */
function knownVariables(
  context: Context,
  { segments, loops }: ShellReading,
): ReadonlyMap<string, readonly Candidate[]> {
  const known = new Map<string, readonly Candidate[]>(loops);
  if (!known.has('HOME')) known.set('HOME', [{ text: context.policy.home, glob: false }]);
  if (!segments.some(isMove)) known.set('PWD', [{ text: context.call.cwd, glob: false }]);
  for (const segment of segments) {
    for (const { name } of segment.assigned) known.delete(name);
    if (
      /^(read|mapfile|readarray|printf|getopts|declare|local|typeset|export|readonly|unset|eval|source|\.|let)$/.test(
        segment.words[0]?.value ?? '',
      )
    )
      for (const { value } of segment.words) known.delete(value.split(/[=+[]/)[0] ?? '');
  }
  return known;
}

/** Every value that the command writes out for a variable, whether it comes to that or not. */
function toldValues(segments: readonly Segment[], known: ReadonlyMap<string, readonly Candidate[]>) {
  const told = new Map<string, readonly Candidate[]>();
  for (const { name, value } of segments.flatMap(({ assigned }) => assigned)) {
    const texts = value && possibleTexts(value, known);
    if (texts) told.set(name, [...(told.get(name) ?? []), ...texts].slice(0, 64));
  }
  return told;
}

const isMove = ({ words }: Segment) => /^(cd|pushd|popd)$/.test(words[0]?.value ?? '');

/** Words, plain quotes, pipes and lists: there is nothing in them that two parsers could read differently. */
const plainest = /^(?:[\w ./:=,@%+|;-]|&&|>&[12]|> ?\/dev\/null\b|"[\w ./:=,@%+-]*"|'[^'\n]*')*$/;
const reserved = /\b(if|then|for|while|until|case|select|function|time|coproc|do|done|let|declare)\b/;

function agrees(command: string, { segments }: ShellReading): boolean {
  if (plainest.test(command) && !reserved.test(command)) return true;
  const seen = segments.flatMap(({ words: [name] }) => (name ? [name.raw] : [])).sort();
  const second = commandNames(command);
  return second !== null && seen.length === second.length && seen.every((name, index) => name === second[index]);
}
