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
    if (node.type === 'SimpleExpansion') read.add(node.text.slice(1));
    if (node.type === 'ParameterExpansion') read.add(node.parameter);
    if (node.type === 'ArithmeticWord') read.add(node.value.replace(/^\$/, ''));
    if (node.type === 'ArithmeticBinary' && node.operator === '=' && node.left.type === 'ArithmeticWord')
      own.add(node.left.value);
    if (node.type === 'Assignment') own.add(node.name);
    if (node.type === 'For' || node.type === 'Select') own.add(node.name.value);
    if (node.type === 'Command' && node.name?.value === 'read')
      for (const part of node.args) if (part.type === 'Word') own.add(part.value);
    forEachChild(node, visit);
  };
  try {
    visit(parse(command));
  } catch {
    return [];
  }
  return [...read].filter((name) => isName(name) && !own.has(name) && !everywhere.test(name));
}
