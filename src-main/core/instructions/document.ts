/** One instruction file, read: what of it is for the agent, what it imports, and for which files it is meant. */
import { parseDocument as parseYaml } from 'yaml';

export interface Document {
  /** Without front matter and without comments. */
  body: string;
  /** Globs of the files that it is about; null: it counts everywhere. */
  paths: string[] | null;
  /** As written behind the `@`, in order, each once. */
  imports: string[];
  /** What is wrong with its front matter; null when nothing is. */
  problem: string | null;
}

/** Never throws. The grammar is the one that CLAUDE.md files are written in: `@path` imports, HTML comments, `paths`. */
export function readDocument(text: string): Document {
  const { front, rest } = split(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'));
  const { paths, problem } = front === null ? { paths: null, problem: null } : readFront(front);
  const { prose, body } = withoutComments(rest);
  return { body: body.trim(), paths, imports: importsIn(prose), problem };
}

function split(text: string): { front: string | null; rest: string } {
  const found = /^---\n([\s\S]*?)\n?---(?:\n|$)/.exec(text);
  return found ? { front: found[1] ?? '', rest: text.slice(found[0].length) } : { front: null, rest: text };
}

function readFront(front: string): { paths: string[] | null; problem: string | null } {
  const yaml = parseYaml(front);
  const [error] = yaml.errors;
  if (error) return { paths: null, problem: `its front matter is not YAML (${error.message.split('\n')[0]})` };
  const value: unknown = yaml.toJS({ maxAliasCount: 10 });
  const paths = (value as { paths?: unknown } | null)?.paths;
  if (paths === undefined || paths === null) return { paths: null, problem: null };
  const list = typeof paths === 'string' ? paths.split(',').map((glob) => glob.trim()) : paths;
  if (Array.isArray(list) && list.length > 0 && list.every((glob) => typeof glob === 'string' && glob !== ''))
    return { paths: list, problem: null };
  return { paths: null, problem: 'its `paths` are no list of globs' };
}

/** Comments go, outside of fenced code. `prose` has no code either: what is quoted there imports nothing. */
function withoutComments(text: string): { prose: string; body: string } {
  const prose: string[] = [];
  let body = '';
  for (const [index, part] of text.split(/^((?:```|~~~)[^\n]*\n[\s\S]*?^(?:```|~~~)[ \t]*$)/m).entries()) {
    if (index % 2 === 1) {
      body += part;
      continue;
    }
    const kept = part.replace(/<!--[\s\S]*?-->/g, '');
    body += kept;
    prose.push(kept.replace(/(`+)[^`]*?\1/g, ' '));
  }
  return { prose: prose.join('\n'), body };
}

function importsIn(prose: string): string[] {
  const found = prose.matchAll(/(?:^|\s)@((?:\\ |[^\s`])+)/g);
  const paths = Array.from(found, ([, path = '']) => path.replaceAll('\\ ', ' ').replace(/[.,;:!?)]+$/, ''));
  // An address or a mention of a person is no file.
  return [...new Set(paths)].filter((path) => /^(?:~?\/|\.{1,2}\/)|\/|\.[A-Za-z0-9]+$/.test(path) && !/@/.test(path));
}
