/** Weighs what an agent claims against its run's record: ids, commands and paths that it names are looked up, and nothing is taken on its word. */
import type { Claim, Mention, ShownCall } from '#contract/claims.ts';
import { type DoneCall, flat } from './done-calls.ts';

export interface Said {
  text: string;
  /** Ids of calls, commands, or paths. */
  calls?: string[] | undefined;
}

/** For the record: more calls behind one sentence, or more named in a description, nobody looks at. */
const [mostCalls, mostMentions] = [10, 30];

/** One for each, in their order. `done`: of the run, oldest first. */
export function weighClaims(said: readonly Said[], done: readonly DoneCall[]): Claim[] {
  return said.map(({ text, calls: references = [] }) => {
    const looked = references.map((reference) => ({ reference, call: lookUp(reference, done) }));
    const missing = looked.flatMap(({ reference, call }) => (call ? [] : [reference]));
    const named = looked.flatMap(({ call }) => (call ? [call] : []));
    const ids = new Set(named.map(({ call }) => call));
    const inWords = named.length + missing.length > 0 ? [] : calledIn(text, done).map(({ call }) => call);
    // To have looked at a file proves nothing that the agent has not named it for.
    const resting = inWords.some(({ command }) => command !== null) || references.length > 0;
    const calls = [
      ...done.filter(({ call }) => ids.has(call)).map((call) => shown(call, 'agent')),
      ...inWords.map((call) => shown(call, 'host')),
    ];
    return {
      text,
      standing: resting ? standingOf(calls, missing, done) : 'said_only',
      calls: calls.slice(0, mostCalls),
      missing,
    };
  });
}

/** Commands and files that a description names between backticks. */
export function mentionsIn(description: string, done: readonly DoneCall[]): Mention[] {
  return calledIn(description, done)
    .slice(0, mostMentions)
    .map(({ words, call }) => ({ words, call: shown(call, 'host') }));
}

function standingOf(
  calls: readonly ShownCall[],
  missing: readonly string[],
  done: readonly DoneCall[],
): Claim['standing'] {
  const sound = calls.every(({ call, ok }) => ok || wentWellLater(call, done));
  return sound && missing.length === 0 ? 'backed' : 'not_backed';
}

/** A failure that was mended is what a claim of mending rests on. */
function wentWellLater(id: string, done: readonly DoneCall[]): boolean {
  const at = done.findIndex(({ call }) => call === id);
  const failed = done[at];
  return done.slice(at + 1).some(({ ok, command }) => ok && command !== null && command === failed?.command);
}

/** The latest call that it can mean. */
function lookUp(reference: string, done: readonly DoneCall[]): DoneCall | undefined {
  const wanted = flat(reference.replace(/^`|`$/g, ''));
  const withoutTool = wanted.replace(/^(Bash|Read|Edit|Write|Glob|Grep)[ :(]+(.*?)\)?$/, '$2');
  return (
    done.findLast(({ call }) => call === wanted) ??
    latest([wanted, withoutTool], done, ({ command }, one) => command === one) ??
    latest([wanted, withoutTool], done, ({ path }, one) => path !== null && samePath(path, one)) ??
    latest([wanted, withoutTool], done, ({ command }, one) => command !== null && holds(command, one))
  );
}

function latest(
  names: readonly string[],
  done: readonly DoneCall[],
  fits: (call: DoneCall, name: string) => boolean,
): DoneCall | undefined {
  return done.findLast((call) => names.some((name) => name !== '' && fits(call, name)));
}

/** What stands between backticks, and whole commands that stand there without; each once. */
function calledIn(text: string, done: readonly DoneCall[]): { words: string; call: DoneCall }[] {
  const spans = [...text.matchAll(/`([^`\n]{2,300})`/g)].map((match) => (match[1] ?? '').trim());
  const bare = flat(text);
  const commands = done.flatMap(({ command }) =>
    command !== null && command.length >= shortestBare && holds(bare, command) ? [command] : [],
  );
  const found = new Map<DoneCall, string>();
  for (const words of new Set([...spans, ...commands])) {
    // A name alone, of a function for example, stands in many commands and says nothing of any.
    const telling = /[\s/.]/.test(words);
    const call = telling ? lookUp(words.replace(/:\d+(-\d+)?$/, ''), done) : undefined;
    if (call && !found.has(call)) found.set(call, words);
  }
  return [...found].map(([call, words]) => ({ words, call }));
}

/** Characters: a shorter command could be any word of a sentence. */
const shortestBare = 6;

/** As whole words: `npm test` is in `cd a && npm test`, and not in `npm tests`. */
function holds(text: string, words: string): boolean {
  if (words.length < 4) return false;
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const [before = ' ', after = ' '] = [text[at - 1], text[at + words.length]];
    if (!/[\w/.-]/.test(before) && !/[\w/-]/.test(after)) return true;
  }
  return false;
}

/** The agent may write it from the worktree on, or in full. */
const samePath = (path: string, named: string): boolean =>
  path === named ||
  path.replace(/^\.\//, '') === named.replace(/^\.\//, '') ||
  (named.length > 2 && path.endsWith(`/${named.replace(/^\.\//, '')}`)) ||
  named.endsWith(`/${path.replace(/^\.\//, '')}`);

function shown({ command: _, path: __, ...call }: DoneCall, by: ShownCall['by']): ShownCall {
  return { ...call, by };
}
