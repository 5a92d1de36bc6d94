/** What may be typed after `nightshift memory`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';
import { requireFlags, wholeNumber } from './parse.ts';

const load = () => import('#cli/memory.ts');

interface Flags {
  repository?: string;
}

export function memoryGrammar(program: Command, perform: Perform): void {
  const memory = program.command('memory').description('what runs remember of a repository, from one to the next');
  of(memory, 'show', 'what is kept and what runs offer, or one file')
    .argument('[file]', 'MEMORY.md, or one beside it')
    .action((file: string | undefined, flags: Flags) => perform(async (ctx) => (await load()).show(ctx, file, flags)));
  of(memory, 'edit', 'put another text in its place; runs that begin later are given it')
    .argument('<file>', 'MEMORY.md, or one beside it; a new one is made')
    .option('--text <text>', 'required; the whole of it: the text, - for standard input, or @file')
    .action((file: string, flags: Flags & { text: string }) => {
      requireFlags(flags, ['text']);
      return perform(async (ctx) => (await load()).edit(ctx, file, flags));
    });
  of(memory, 'forget', 'delete a file of it')
    .argument('<file>', 'its name')
    .action((file: string, flags: Flags) => perform(async (ctx) => (await load()).forget(ctx, file, flags)));
  for (const [name, what] of [
    ['take', 'keep what a run offers'],
    ['drop', 'do not keep it'],
  ] as const)
    of(memory, name, what)
      .argument('<offer>', 'its number', wholeNumber)
      .action((offer: number, flags: Flags) =>
        perform(async (ctx) => (await load()).decide(ctx, offer, name === 'take', flags)),
      );
}

function of(memory: Command, name: string, description: string): Command {
  return memory
    .command(name)
    .description(description)
    .option('--repository <dir>', 'of this one (default: the repository here)');
}
