/** Programs that start a tool of the project by its name: the tool's options are feared as if it stood there itself. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';
import { isSafeVariable } from './environment.ts';

/** Where the tool's name stands; `fault`: it starts something that no wildcard covers. */
export type Started = { program: string; args: ShellWord[] } | { fault: string } | null;

/** Their own words, behind which no tool is named. */
const own: Record<string, RegExp> = {
  yarn: /^(install|add|remove|up|upgrade|why|info|list|outdated|audit|cache|pack|version|versions|licenses|workspaces?|workspace|dedupe|constraints|bin|config|set|exec|dlx|npm|node|link|unlink|unplug|patch|plugin|init|create|global|rebuild|search|test|run|start|build|lint|dev|format|import|check|autoclean|help|login|publish|policies|team|tag|owner)$/,
  pnpm: /^(install|i|add|remove|rm|update|up|list|ls|why|outdated|audit|store|pack|exec|dlx|config|set|link|unlink|patch|rebuild|prune|dedupe|fetch|import|init|create|test|t|run|start|build|lint|dev|format|licenses|deploy|env|root|bin|setup|approve-builds|help|login|publish|server|self-update|view|info)$/,
};

const takes: Record<string, RegExp> = {
  npx: /^(-w|--workspace|--cache|--loglevel)$/,
  uv: /^(--package|--extra|--group|--no-group|--only-group|--color|--refresh-package)$/,
  pnpm: /^(-F|--filter|--loglevel|--reporter)$/,
  yarn: /^$/,
  bundle: /^$/,
};

export function startedBy(program: string, args: readonly ShellWord[]): Started {
  if (/^(python|pypy)[\d.]*$/.test(program)) return module(args);
  switch (program) {
    case 'npx':
    case 'bunx':
      return named(behind(args, takes.npx as RegExp), args);
    case 'npm':
      return scriptOf(args);
    case 'yarn':
    case 'pnpm':
      return packageTool(program, args);
    case 'uv':
      return behindWord(args, /^run$/, takes.uv as RegExp);
    case 'poetry':
    case 'pipenv':
    case 'pdm':
    case 'rye':
    case 'hatch':
      return behindWord(args, /^run$/, /^$/);
    case 'coverage':
      return args[0]?.value === 'run'
        ? module(behind(args.slice(1), /^--(source|omit|include|data-file)$/, true))
        : null;
    case 'bundle':
    case 'opam':
    case 'dune':
    case 'mise':
    case 'tox':
    case 'stack':
    case 'cabal':
      return behindWord(args, /^(exec|x)$/, takes.bundle as RegExp);
    case 'lerna':
    case 'nx':
    case 'asdf':
    case 'nvm':
    case 'fnm':
      return args[0]?.value === 'exec' ? { fault: `${program} exec` } : null;
    case 'nyc':
    case 'c8':
      return named(behind(args, /^(-r|--reporter|-x|--exclude|-n|--include|--check-coverage|--lines)$/), args);
    case 'cross-env':
    case 'cross-env-shell':
      return behindVariables(program, args);
    case 'dotenv':
    case 'dotenvx':
    case 'infer':
    case 'bear':
      return behindDashes(args);
    case 'ccache':
    case 'sccache':
    case 'distcc':
      return args[0] && !args[0].value.startsWith('-') ? named([...args], args) : behindDashes(args);
    default:
      return null;
  }
}

/** `python -m pytest`, also glued and bundled. */
function module(args: readonly ShellWord[]): Started {
  const at = args.findIndex(({ value }) => !/^-[A-Za-z]*$/.test(value) || /^-[A-VX-Za-z]*m/.test(value));
  const found = /^-[A-VX-Za-z]*?m(.*)$/.exec(args[at]?.value ?? '');
  if (!found) return null;
  const name = found[1] || args[at + 1]?.value;
  return name ? { program: name, args: args.slice(at + (found[1] ? 1 : 2)) } : null;
}

/** Options that are not the tool's own, and then the tool. */
function behind(args: readonly ShellWord[], withValue: RegExp, toModule = false): ShellWord[] {
  let at = 0;
  for (; at < args.length; at++) {
    const { value } = args[at] as ShellWord;
    if (value === '--') return args.slice(at + 1);
    if (!value.startsWith('-') || (toModule && value === '-m')) break;
    if (withValue.test(value)) at++;
  }
  return args.slice(at);
}

function behindWord(args: readonly ShellWord[], word: RegExp, withValue: RegExp): Started {
  const [first, ...rest] = behind(args, withValue);
  return first && word.test(first.value) ? named(behind(rest, withValue), args) : null;
}

function behindDashes(args: readonly ShellWord[]): Started {
  const at = args.findIndex(({ value }) => value === '--');
  return at < 0 ? null : named(args.slice(at + 1), args);
}

function behindVariables(program: string, args: readonly ShellWord[]): Started {
  if (program === 'cross-env-shell') return { fault: program };
  const at = args.findIndex(({ value }) => !/^\w+=/.test(value));
  const bad = args.slice(0, at < 0 ? args.length : at).find(({ value }) => !isSafeVariable(value.split('=')[0] ?? ''));
  return bad ? { fault: bad.raw } : named(at < 0 ? [] : args.slice(at), args);
}

function packageTool(program: 'yarn' | 'pnpm', args: readonly ShellWord[]): Started {
  const rest = behind(args, takes[program] as RegExp);
  const [first, ...more] = rest;
  if (!first) return null;
  if (/^(exec|dlx|node)$/.test(first.value)) return named(first.value === 'node' ? rest : behind(more, /^$/), args);
  if (first.value === 'workspace') return packageTool(program, more.slice(1));
  if (/^workspaces$/.test(first.value) && more.some(({ value }) => /^(exec|dlx)$/.test(value)))
    return { fault: `${program} workspaces exec` };
  if (own[program]?.test(first.value)) return scriptOf(rest);
  return named(rest, args);
}

/** A script of the package: what follows goes to whichever tool it starts. */
function scriptOf(args: readonly ShellWord[]): Started {
  return args.length > 1 ? { program: '', args: args.filter(({ value }) => value !== '--') } : null;
}

/** A name as a registry or the project knows it; anything else is code from elsewhere. */
function named([tool, ...args]: readonly ShellWord[], all: readonly ShellWord[]): Started {
  if (!tool) return null;
  if (!isStatic(tool)) return { fault: tool.raw };
  if (/^(\.{0,2}\/|~|[a-z+]+:)/i.test(tool.value) || /@(npm:|file:|https?:|git)/.test(tool.value))
    return isProjectTool(tool.value) ? { program: tool.value.replace(/^.*\//, ''), args } : { fault: tool.raw };
  const program = tool.value.replace(/^(@[\w.-]+\/)?([\w.-]+)(@.*)?$/, '$2');
  return all.length > 200 ? { fault: tool.raw } : { program, args };
}

const isProjectTool = (value: string) => /^(\.\/)?(node_modules\/\.bin|vendor\/bin|bin|scripts)\/[\w.-]+$/.test(value);
