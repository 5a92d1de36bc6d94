/** Programs that run a text: which of their calls run a file that was named, and which run whatever they are handed. */
import { isStatic, type ShellWord, surePrefix, textWord } from '#core/permissions/shell/words.ts';
import { type FlagTable, scanFlags } from './flags.ts';

export const shells = /^(ba|da|z|k|mk|c|tc|fi|a|rba|pwd)?sh$/;

/** Options of node with a value that may stand in the next word: what follows it is not the script yet. */
const nodeTakes = (
  'conditions input-type title inspect-port debug-port dns-result-order unhandled-rejections tsconfig ' +
  'redirect-warnings report-dir report-directory report-filename report-signal trace-event-categories ' +
  'trace-event-file-pattern disable-warning diagnostic-dir cpu-prof-dir cpu-prof-name heap-prof-dir heap-prof-name ' +
  'heapsnapshot-signal localstorage-file openssl-config max-http-header-size secure-heap watch-path disable-proto ' +
  'test-name-pattern test-skip-pattern test-reporter test-reporter-destination test-concurrency test-shard test-timeout ' +
  'experimental-default-type es-module-specifier-resolution build-snapshot-config allow-fs-read allow-fs-write run'
).split(' ');

/** Read code or settings for the run from a file of any name. */
const nodeLoads = (
  'env-file env-file-if-exists openssl-config openssl-shared-config snapshot-blob build-snapshot build-sea entry-url ' +
  'experimental-config-file experimental-default-config-file experimental-sea-config test-global-setup icu-data-dir'
).split(' ');

const families: [RegExp, FlagTable][] = [
  [/^(python|pypy|ipython)[\d.]*$/, { short: 'ci', takes: 'WXm', long: ['check-hash-based-pycs'] }],
  [
    /^(node|nodejs|tsx|ts-node)$/,
    {
      short: 'epri',
      fine: ['test'],
      takes: 'C',
      longTakes: nodeTakes,
      long: ['eval', 'print', 'require', 'import', 'loader', 'experimental-loader', 'interactive', ...nodeLoads],
      words: /^--inspect[\w-]*=.*(0\.0\.0\.0|\[::\])|^(inspect|debug)$/,
    },
  ],
  [/^perl[\d.]*$/, { short: 'eEIMmdxipsSD' }],
  [
    /^ruby[\d.]*$/,
    {
      ...{ short: 'erIinpsxS', takes: 'CEX' },
      longTakes: ['encoding', 'external-encoding', 'internal-encoding', 'enable', 'disable', 'dump'],
    },
  ],
  [
    /^php[\d.]*$/,
    {
      ...{ short: 'rBREFdzcaS', takes: 'tT' },
      long: ['run', 'process-begin', 'process-code', 'process-file', 'process-end', 'define', 'server'],
      longTakes: ['docroot'],
    },
  ],
  [/^(lua|luajit)[\d.]*$/, { short: 'eli' }],
  [
    /^(deno|bun)$/,
    { short: 'eprA', long: ['eval', 'print', 'preload', 'allow-all', 'import-map'], words: /^(eval|repl|x)$/ },
  ],
  [
    /^(osascript|Rscript|R|julia|ghc|ghci|runghc|scala|groovy|jshell|pwsh|powershell|elixir|erl|escript|racket|guile|sbcl|clisp|emacs|tclsh|wish|irb|swipl|gjs|qjs)(\.exe)?$/,
    {
      short: 'ceErRxL',
      takes: 'tpJ',
      long: ['eval', 'expression', 'command', 'load'],
      words: /^-(eval|Command|EncodedCommand|c|e|enc)$/i,
    },
  ],
];

const shellFlags: FlagTable = { short: 'csilO', takes: 'o', long: ['rcfile', 'init-file', 'command', 'debugger'] };

export function isInterpreter(program: string): boolean {
  return shells.test(program) || families.some(([name]) => name.test(program));
}

/** `fed`: something is written to its standard input. */
export function interpreterFault(program: string, args: readonly ShellWord[], fed: boolean): string | null {
  const table = shells.test(program) ? shellFlags : families.find(([name]) => name.test(program))?.[1];
  if (!table) return null;
  const only = args[0];
  if (args.length === 1 && only && isStatic(only) && /^(--version|--help|-V|-v|-h|version)$/.test(only.value) && !fed)
    return null;
  const module = /^(python|pypy)/.test(program) ? moduleAt(args) : -1;
  const read = module >= 0 ? args.slice(0, module + 2) : args;
  const { found, operands } = scanFlags(shells.test(program) ? read.map(switched) : read, {
    ...table,
    stopAtOperand: true,
  });
  if (found) return found;
  if (module >= 0) return moduleFault((args[module] as ShellWord).value.replace(/^-[^m]*m/, ''), args[module + 1]);
  const script = operands[0];
  if (script) return consoleFault(args.slice(args.indexOf(script))) ?? (isNamedFile(script) ? null : script.raw);
  const runsItself = args.some(({ value }) => /^--(test|check|watch|run)\b/.test(value));
  return runsItself && !fed ? null : `${program} without a script`;
}

/** Where `-m` stands among the options, also bundled; -1: there is none. */
function moduleAt(args: readonly ShellWord[]): number {
  const at = args.findIndex(({ value }) => !value.startsWith('-') || /^-[A-VX-Za-z]*m/.test(value));
  return args[at]?.value.startsWith('-') ? at : -1;
}

/** Commands of well-known scripts that run a text. */
function consoleFault([script, command]: readonly ShellWord[]): string | null {
  const known = /(^|\/)(manage\.py|artisan|rails)$/.test(script?.value ?? '') && consoles.test(command?.value ?? '');
  return known ? `${script?.raw} ${command?.raw}` : null;
}

const consoles = /^(shell|shell_plus|dbshell|runscript|tinker|runner|console)$/;

/** Its name, or the folder in which a wildcard finds it, stands there. */
function isNamedFile(script: ShellWord): boolean {
  if (!script.atoms.every(({ kind }) => kind === 'text' || kind === 'glob')) return false;
  return isStatic(script)
    ? !/^(-|\/dev\/.*|\/proc\/.*)$/.test(script.value)
    : /^[\w.]+\//.test(surePrefix(script) ?? '');
}

/** `+x` of a shell is an option as `-x` is. */
function switched(word: ShellWord): ShellWord {
  return isStatic(word) && word.value.startsWith('+') ? textWord(`-${word.value.slice(1)}`) : word;
}

/** Modules that run a text or another program. */
function moduleFault(glued: string, next: ShellWord | undefined): string | null {
  if (glued === '' && !(next && isStatic(next))) return next?.raw ?? '-m';
  const name = glued || (next?.value ?? '');
  return /^(code|codeop|pdb|timeit|trace|profile|cProfile|runpy|http\.server|smtpd|pty|idlelib.*|cgitb|zipapp|ensurepip|asyncio|sqlite3|zipfile|tarfile|ftplib|telnetlib|webbrowser|pydoc|IPython|jupyter|nbconvert|ipykernel|turtledemo|lib2to3)$/.test(
    name,
  )
    ? `-m ${name}`
    : null;
}
