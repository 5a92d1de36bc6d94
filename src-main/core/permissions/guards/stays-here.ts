/** Uses of feared subcommands that change nothing elsewhere: known only where every word of theirs is known. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';

interface Use {
  /** The subcommand, in front of everything else. */
  words: readonly string[];
  /** One of these must stand there. */
  needs?: RegExp;
  /** Options without a value, or with it behind `=`. */
  plain: RegExp;
  /** Options whose value is the next word. */
  takes: RegExp;
  values: RegExp;
  operands: number;
}

/** Manuals of each, as of November 2026. What they do not name is not harmless: an index, a registry, a secret, a socket. */
const dryCargo: Use = {
  words: ['publish'],
  needs: /^(--dry-run|-n)$/,
  plain:
    /^(--dry-run|-n|--allow-dirty|--no-verify|--locked|--offline|--frozen|--workspace|--all-features|--no-default-features|--keep-going|--verbose|--quiet|-v+|-q|--(package|features|exclude|jobs)=[\w@.,/-]+|-j\d+)$/,
  takes: /^(-p|--package|-F|--features|--exclude|-j|--jobs)$/,
  values: /^\w[\w@.,/-]*$/,
  operands: 0,
};
const dryPoetry: Use = {
  words: ['publish'],
  needs: /^--dry-run$/,
  plain: /^(--dry-run|--build|--no-interaction|-n|--no-plugins|--verbose|--quiet|-v+|-q)$/,
  takes: /^$/,
  values: /^$/,
  operands: 0,
};
/** An image for this machine's own store, out of a folder of the project; where that folder lies is looked at elsewhere. */
const build: Use = {
  words: ['build'],
  plain:
    /^(--no-cache|--pull|--quiet|-q|--rm|--force-rm|--progress=\w+|--(target|platform)=[\w./,-]+|--tag=[\w./:-]+|--file=[\w./-]+|--build-arg=\w+=[^~]*|--label=[\w.-]+=[^~]*)$/,
  takes: /^(-t|--tag|-f|--file|--target|--platform|--progress|--build-arg|--label)$/,
  values: /^\w[\w./:,-]*$|^\.[\w./-]*$|^[\w.-]+=[^~]*$/,
  operands: 1,
};
const uses: Readonly<Record<string, readonly Use[]>> = {
  cargo: [dryCargo],
  poetry: [dryPoetry],
  docker: [build, { ...build, words: ['image', 'build'] }],
  podman: [build],
};

/** All of it is known to stay on this machine. */
export function staysHere(program: string, args: readonly ShellWord[]): boolean {
  if (!Object.hasOwn(uses, program) || !args.every(isStatic)) return false;
  const values = args.map(({ value }) => value);
  return uses[program]?.some((use) => fits(use, values)) ?? false;
}

function fits({ words, needs, plain, takes, values, operands }: Use, args: readonly string[]): boolean {
  if (!words.every((word, at) => args[at] === word)) return false;
  let [left, needed] = [operands, needs !== undefined];
  for (let at = words.length; at < args.length; at++) {
    const word = args[at] as string;
    if (takes.test(word)) {
      if (!values.test(args[++at] ?? '')) return false;
    } else if (word.startsWith('-')) {
      if (!plain.test(word)) return false;
      if (needs?.test(word)) needed = false;
    } else if (!isFolder(word) || left-- === 0) return false;
  }
  return left === 0 && !needed;
}

/** As docker reads it: what does not look like a path may be the address of a repository. */
const isFolder = (word: string): boolean => /^(\.|\.?\/[\w./-]+|\.\/)$/.test(word);
