/** What may be typed after `nightshift telemetry`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';

const load = () => import('#cli/telemetry.ts');

export function telemetryGrammar(program: Command, perform: Perform): void {
  const telemetry = program
    .command('telemetry')
    .description('spans of runs for an OpenTelemetry collector; off unless switched on');
  telemetry
    .command('show')
    .description('whether anything is sent, where, and what came of it')
    .action(() => perform(async (ctx) => (await load()).show(ctx)));
  telemetry
    .command('on')
    .description('send every run that ends from now on')
    .argument('<endpoint>', 'base address of an OTLP collector, such as http://localhost:4318')
    .action((endpoint: string) => perform(async (ctx) => (await load()).set(ctx, endpoint)));
  telemetry
    .command('off')
    .description('send nothing')
    .action(() => perform(async (ctx) => (await load()).set(ctx, null)));
}
