/** A shell command taken apart: every simple command that it can run, wherever it hides, and every hazard on the way. */
import {
  type Assignment,
  type Command,
  forEachChild,
  type ParameterExpansionPart,
  parse,
  type Redirection,
  type Redirect as RedirectNode,
  type SyntaxNode,
  type TestExpression,
} from 'unbash';
import { type Candidate, possibleTexts, readWord, type ShellWord, textWord } from './words.ts';

export interface Assigned {
  name: string;
  /** Null for an array or for `name[index]=`. */
  value: ShellWord | null;
}

export interface Redirect {
  operator: RedirectNode['operator'];
  target: ShellWord | null;
  /** Into a descriptor that a variable names. */
  toVariable: boolean;
}

/** One simple command, or the assignments and redirections that stand alone. */
export interface Segment {
  words: ShellWord[];
  assigned: Assigned[];
  redirects: Redirect[];
  /** Something is written to its standard input: a pipe, a here-document, a here-string. */
  fed: boolean;
}

export interface ShellReading {
  segments: Segment[];
  /** Why the text cannot be approved by any rule; empty when it is understood. */
  problems: string[];
  /** Constructs whose effect shows only at run time, one phrase each. */
  hazards: string[];
  /** Variables of `for` loops over a written list, and what they can be. */
  loops: Map<string, Candidate[]>;
  /** Names that arithmetic sets to a number. */
  counted: string[];
  /** Every name that a loop gives values to. */
  loopNames: string[];
}

/** Never throws: what cannot be read is a problem. */
export function readShell(source: string): ShellReading {
  const reading: ShellReading = {
    segments: [],
    problems: [],
    hazards: [],
    loops: new Map(),
    loopNames: [],
    counted: [],
  };
  try {
    visit(parse(source), reading, false);
  } catch {
    reading.problems.push('the command is nested too deeply');
  }
  return reading;
}

function visit(node: SyntaxNode, into: ShellReading, fed: boolean): void {
  const inside = (child: SyntaxNode) => visit(child, into, fed);
  switch (node.type) {
    case 'Script':
      for (const error of node.errors ?? []) into.problems.push(error.message);
      break;
    case 'Pipeline':
      for (const [index, command] of node.commands.entries()) visit(command, into, fed || index > 0);
      return;
    case 'Command':
      into.segments.push(readCommand(node, fed));
      break;
    case 'Redirected':
      into.segments.push({ ...nothing, redirects: node.redirects.flatMap(readRedirect) });
      for (const redirect of node.redirects) inside(redirect);
      visit(node.command, into, fed || node.redirects.some(feeds));
      return;
    case 'For':
      learnLoop(node.name.value, node.wordlist?.map(readWord), into);
      break;
    case 'Select':
      into.loopNames.push(node.name.value);
      break;
    case 'Function':
      into.hazards.push('it defines a function');
      break;
    case 'Coproc':
      into.hazards.push('it starts a coprocess');
      break;
    case 'TestUnary':
    case 'TestBinary':
      checkTest(node, into);
      break;
    case 'ArithmeticBinary':
      if (
        node.operator === '=' &&
        node.left.type === 'ArithmeticWord' &&
        node.right.type === 'ArithmeticWord' &&
        /^\d+$/.test(node.right.value)
      )
        into.counted.push(node.left.value);
      break;
    case 'ArithmeticWord':
      if (!/^(0x[\da-f]+|\d+(#\w+)?|\$[#?])$/i.test(node.value)) into.hazards.push(arithmetic(node.value));
      break;
    case 'ParameterExpansion':
      checkExpansion(node, into);
      break;
    default:
      break;
  }
  forEachChild(node, inside);
}

const nothing: Segment = { words: [], assigned: [], redirects: [], fed: false };

const arithmetic = (value: string) => `arithmetic evaluates ${value.slice(0, 40)}, which can run commands`;

/** Arithmetic hazards on names that are only counted with in the same command are taken back here. */
export function countersOf(reading: ShellReading): Set<string> {
  const counted = new Map<string, boolean>(reading.counted.map((name) => [name, true]));
  for (const { assigned, words } of reading.segments) {
    for (const { name, value } of assigned)
      counted.set(name, (counted.get(name) ?? true) && value !== null && /^(\d+|\$\(\([^()]*\)\))$/.test(value.raw));
    // `read i` and `printf -v i` give a variable whatever they like.
    if (words[0] && /^(read|mapfile|readarray|printf|getopts|declare|local|typeset|export|unset)$/.test(words[0].value))
      for (const word of words) counted.set(word.value.split('=')[0] ?? '', false);
  }
  return new Set([...counted].filter(([, plain]) => plain).map(([name]) => name));
}

/** The name that an arithmetic hazard is about, or null. */
export function arithmeticName(hazard: string): string | null {
  return /^arithmetic evaluates \$?\{?([A-Za-z_]\w*)\}?, which/.exec(hazard)?.[1] ?? null;
}

function readCommand(command: Command, fed: boolean): Segment {
  const words = command.name ? [readWord(command.name)] : [];
  for (const part of command.args) words.push(part.type === 'Word' ? readWord(part) : assignmentWord(part));
  return {
    words,
    assigned: command.prefix.flatMap((part) => (part.type === 'Assignment' ? [readAssignment(part)] : [])),
    redirects: command.redirects.flatMap(readRedirect),
    fed: fed || command.redirects.some(feeds),
  };
}

/** `export A=b`: an argument that the builtin reads as an assignment. */
function assignmentWord(part: Assignment): ShellWord {
  const head = textWord(`${part.name}${part.index ? '[]' : ''}${part.append ? '+' : ''}=`);
  if (part.value.type !== 'Word')
    return { raw: part.text, value: part.text, atoms: [{ kind: 'unknown', quoted: true }] };
  const value = readWord(part.value);
  return { raw: part.text, value: head.value + value.value, atoms: [...head.atoms, ...value.atoms] };
}

function readAssignment({ name, index, value }: Assignment): Assigned {
  return { name, value: index || value.type !== 'Word' ? null : readWord(value) };
}

const feeds = (redirection: Redirection) =>
  redirection.type !== 'Redirect' || redirection.operator === '<' || redirection.operator === '<&';

function readRedirect(redirection: Redirection): Redirect[] {
  if (redirection.type !== 'Redirect') return [];
  const { operator, target, descriptor } = redirection;
  return [
    { operator, target: target ? readWord(target) : null, toVariable: descriptor?.type === 'FileDescriptorVariable' },
  ];
}

function learnLoop(name: string, list: ShellWord[] | undefined, into: ShellReading): void {
  const again = into.loopNames.includes(name);
  into.loopNames.push(name);
  const values = list?.map((word) => possibleTexts(word, into.loops)) ?? [null];
  // A second loop over the same name, or a list that is not known: nothing is known about the name.
  if (again || values.length > 64 || values.some((value) => value === null)) into.loops.delete(name);
  else
    into.loops.set(
      name,
      values.flatMap((value) => value ?? []),
    );
}

const evaluating = new Set(['-v', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-R']);

/** `[[ x[$(…)] -eq 1 ]]` runs what stands in the subscript, also when it comes out of a variable. */
function checkTest(test: TestExpression & { type: 'TestUnary' | 'TestBinary' }, into: ShellReading): void {
  if (!evaluating.has(test.operator)) return;
  const operands = test.type === 'TestUnary' ? [test.operand] : [test.left, test.right];
  for (const operand of operands)
    if (!/^(-?\d+|"?\$[#?]"?)$/.test(operand.text) && !(test.operator === '-v' && /^\w+$/.test(operand.text)))
      into.hazards.push(arithmetic(operand.text));
}

function checkExpansion(part: ParameterExpansionPart, into: ShellReading): void {
  const { index, operation, parameter } = part;
  if (index && !/^(\d+|@|\*)$/.test(index.text)) into.hazards.push(arithmetic(index.text));
  if (part.prefix === '!' && operation?.type !== 'Names') into.hazards.push('an indirect expansion can run commands');
  if (operation?.type === 'Transform') into.hazards.push('an @ transformation can run commands');
  if (operation?.type === 'Unknown') into.problems.push('an expansion of a form that is not known');
  if (operation?.type === 'Slice')
    for (const word of [operation.offset, operation.length])
      if (word && !/^ ?-?\d+$/.test(word.text)) into.hazards.push(arithmetic(word.text));
  if (operation?.type === 'Default' && operation.operator.endsWith('=') && parameter)
    into.segments.push({ ...nothing, assigned: [{ name: parameter, value: null }] });
}
