/** A value of an option, or a script to run, that lies outside the project: code or settings from elsewhere, or a file written there. */
import type { ShellWord } from '#core/permissions/shell/words.ts';
import { surePrefix } from '#core/permissions/shell/words.ts';
import { readGit } from './git.ts';
import { isInterpreter } from './interpreters.ts';
import { staysHere } from './stays-here.ts';

/** They run or install what their words name. */
const runners = new Set(
  (
    'jest vitest mocha _mocha ava tap pytest py.test rspec phpunit nodemon gulp go cargo npm pnpm yarn pip pip3 npx java javac ' +
    'webpack vite next prettier eslint tsc gnuplot m4 octave coverage ts-node tsx dotnet zig nim dart crystal v ocaml kotlinc ' +
    'swift rustc gcc uv meson cmake gofmt shfmt clang-format ldd jupyter ipython sass perldoc doxygen ruff rimraf dub'
  ).split(' '),
);

/** The system's own folders hold nothing that was put there in passing. */
const fine =
  /^\/(usr|opt|lib|lib64|Library|Applications|System|nix\/store)\/(?!.*\.\.)|^\/dev\/(null|stdout|stderr|stdin|fd\/\d+)$/;

/** Commands of git that write where a word says. */
const placing = /^(clone|worktree|bundle|init|apply)$/;

/** Every word, or end of a word, that may be such a file. */
export function farWords(program: string, args: readonly ShellWord[]): string[] {
  const found: string[] = [];
  const ran =
    runners.has(program) ||
    isInterpreter(program) ||
    (program === 'git' && placing.test(readGit(args).subcommand ?? ''));
  for (const [index, word] of args.entries()) {
    const text = surePrefix(word) ?? '';
    if (text.startsWith('-')) {
      const glued =
        /^(?:--?[\w.-]+=|-[A-Za-z])([\s\S]+)$/.exec(text)?.[1] ?? /[=:,]((?:\/|~\/|\.\.\/)[\s\S]*)$/.exec(text)?.[1];
      if (glued !== undefined)
        found.push(glued, ...inside(glued), ...inside(text), /(?<=^-[A-Z]+)\.\.\/.*/.exec(text)?.[0] ?? '');
    } else if (args[index - 1]?.value.startsWith('-') || ran) found.push(text, ...inside(text));
    else found.push(...inside(text));
  }
  // What is built is read as a whole: its folder is judged, wherever a link leads.
  const built = /^(docker|podman)$/.test(program) && staysHere(program, args) ? args.map(({ value }) => value) : [];
  return [
    ...built,
    ...found.filter((text) => /^(\/|~|[A-Za-z]:[\\/])|(^|\/)\.\.(\/|$)/.test(text) && !fine.test(text)),
  ];
}

/** `html:/x`, `name=/x`, `text:file=/x`. */
function inside(text: string): string[] {
  const at = text.search(/[=:,](\/(?!\/)|~\/|\.\.\/)/);
  return at < 0 ? [] : [text.slice(at + 1)];
}
