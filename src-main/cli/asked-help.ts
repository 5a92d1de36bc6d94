/** Help that is asked for a command that does not exist: the name is what is wrong, and it is refused as without the asking. */
import type { Command } from 'commander';

/** The words to parse. `help a b` is `a b --help`; behind an unknown name nothing asks for help any more. */
export function withoutVainHelp(program: Command, argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const asked = argv[at] === 'help' && at + 1 < argv.length;
  const words = asked ? [...argv.toSpliced(at, 1), '--help'] : [...argv];
  if (!namesNoCommand(program, words)) return words;
  const end = words.indexOf('--');
  return words.filter((word, index) => (end >= 0 && index > end) || !/^(-h|--help)$/.test(word));
}

/** One of the words stands where the name of a command must, and is none. */
function namesNoCommand(program: Command, words: readonly string[]): boolean {
  let group = program;
  for (const word of words) {
    if (word === '--' || group.commands.length === 0) return false;
    if (word.startsWith('-')) continue;
    const next = group.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (!next) return !(group === program && word === 'help');
    group = next;
  }
  return false;
}
