/** A second parser, written by others: where it sees other commands than the first one, nobody knows what would run. */
import { createRequire } from 'node:module';
import type sh from 'mvdan-sh';

/** Loading it takes longer than a host may take to start, and most texts never come here. */
const load = createRequire(import.meta.url);
let library: typeof sh | null = null;

/**
 * The names of all commands as they are written, sorted; null where it cannot read the text. It keeps quotes, so both
 * sides compare what is written.
 */
export function commandNames(source: string): string[] | null {
  const bytes = Buffer.from(source);
  const names: string[] = [];
  library ??= load('mvdan-sh') as typeof sh;
  const { syntax } = library;
  try {
    syntax.Walk(syntax.NewParser().Parse(source, ''), (node) => {
      if (!node) return true;
      const kind = syntax.NodeType(node);
      if (kind === 'CallExpr' && node.Args[0]) {
        const [from, to] = [node.Args[0].Pos().Offset(), node.Args[0].End().Offset()];
        names.push(bytes.subarray(from, to).toString());
      } else if (kind === 'DeclClause') names.push(node.Variant.Value);
      else if (kind === 'LetClause') names.push('let');
      return true;
    });
  } catch {
    return null;
  }
  return names.sort();
}
