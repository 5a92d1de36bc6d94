/** Programs that run a text: which of their calls run a file that was named, and which run whatever they are handed. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';
import { type FlagTable, scanFlags } from './flags.ts';

export const shells = /^(ba|da|z|k|mk|c|tc|fi|a|rba|pwd)?sh$/;

const families: [RegExp, FlagTable][] = [
  [/^(python|pypy|ipython)[\d.]*$/, { short: 'ci', takes: 'WXm', long: ['check-hash-based-pycs'] }],
  [
    /^(node|nodejs|tsx|ts-node)$/,
    {
      short: 'epri',
      takes: 'C',
      long: ['eval', 'print', 'require', 'import', 'loader', 'experimental-loader', 'interactive', 'env-file'],
    },
  ],
  [/^perl[\d.]*$/, { short: 'eEIMmdxips' }],
  [/^ruby[\d.]*$/, { short: 'erIinpsx' }],
  [
    /^php[\d.]*$/,
    { short: 'rBREFdzca', long: ['run', 'process-begin', 'process-code', 'process-file', 'process-end'] },
  ],
  [/^(lua|luajit)[\d.]*$/, { short: 'eli' }],
  [
    /^(deno|bun)$/,
    { short: 'eprA', long: ['eval', 'print', 'preload', 'allow-all', 'import-map'], words: /^(eval|repl|x)$/ },
  ],
  [
    /^(osascript|Rscript|R|julia|ghc|ghci|runghc|scala|groovy|jshell|pwsh|powershell|elixir|erl|escript|racket|guile|sbcl|clisp|emacs|tclsh|wish|irb|swipl|gjs|qjs)(\.exe)?$/,
    {
      short: 'ceErRx',
      long: ['eval', 'expression', 'command', 'load'],
      words: /^-(eval|Command|EncodedCommand|c|e|enc)$/i,
    },
  ],
];

const shellFlags: FlagTable = { short: 'csilO', long: ['rcfile', 'init-file', 'command', 'debugger'] };

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
  const { found, operands } = scanFlags(args, { ...table, stopAtOperand: true });
  if (found) return found;
  const module = args.findIndex(({ value }) => /^-[A-Za-z]*m$/.test(value));
  if (/^(python|pypy)/.test(program) && module >= 0 && args[module + 1]) return moduleFault(args.slice(module + 1));
  const script = operands[0];
  if (script) return isStatic(script) && !/^(-|\/dev\/.*|\/proc\/.*)$/.test(script.value) ? null : script.raw;
  const runsItself = args.some(({ value }) => /^--(test|check|watch|run)\b/.test(value));
  return runsItself && !fed ? null : `${program} without a script`;
}

/** Modules that run a text or another program. */
function moduleFault([name]: ShellWord[]): string | null {
  if (!name || !isStatic(name)) return name?.raw ?? '-m';
  return /^(code|codeop|pdb|timeit|trace|profile|cProfile|runpy|http\.server|smtpd|pty|idlelib.*|cgitb|zipapp|ensurepip|asyncio|sqlite3|zipfile|tarfile|ftplib|telnetlib)$/.test(
    name.value,
  )
    ? `-m ${name.value}`
    : null;
}
