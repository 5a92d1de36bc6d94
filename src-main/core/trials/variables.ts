/** Which environment variables a shell command reads: those that it does not set itself, and that not every shell has. */
import { forEachChild, parse, type SyntaxNode } from 'unbash';

/** Set by every shell, or by the sandbox itself. */
const everywhere = /^(_|HOME|PWD|OLDPWD|PATH|IFS|RANDOM|SECONDS|LINENO|UID|EUID|PPID|SHELL|USER|TMPDIR|LANG|BASH\w*)$/;
const isName = (text: string) => /^[A-Za-z_]\w*$/.test(text);

/** Each once. What stands in single quotes is text for the program that gets it. Nothing of what cannot be read. */
export function variablesRead(command: string): string[] {
  const read = new Set<string>();
  const own = new Set<string>();
  const visit = (node: SyntaxNode): void => {
    for (const name of namesRead(node)) read.add(name);
    for (const name of namesSet(node)) own.add(name);
    forEachChild(node, visit);
  };
  try {
    visit(parse(command));
  } catch {
    return [];
  }
  return [...read].filter((name) => isName(name) && !own.has(name) && !everywhere.test(name));
}

function namesRead(node: SyntaxNode): string[] {
  switch (node.type) {
    case 'SimpleExpansion':
      return [node.text.slice(1)];
    case 'ParameterExpansion':
      return [node.parameter];
    case 'ArithmeticWord':
      return [node.value.replace(/^\$/, '')];
    default:
      return [];
  }
}

function namesSet(node: SyntaxNode): string[] {
  switch (node.type) {
    case 'Assignment':
      return [node.name];
    case 'For':
    case 'Select':
      return [node.name.value];
    case 'ArithmeticBinary':
      return node.operator === '=' && node.left.type === 'ArithmeticWord' ? [node.left.value] : [];
    case 'Command':
      if (node.name?.value !== 'read') return [];
      return node.args.flatMap((part) => (part.type === 'Word' ? [part.value] : []));
    default:
      return [];
  }
}
