/** What may be typed about this machine: `host`, `open`, `model`, `doctor`, `drill`, `demo`. */
import type { Command } from 'commander';
import type { PriceFlags } from '#cli/model.ts';
import type { Perform } from '#cli/program.ts';
import { decimalNumber } from './parse.ts';

export function machineGrammar(program: Command, perform: Perform): void {
  hostGrammar(program.command('host').description('the process that owns the data directory'), perform);
  modelGrammar(program.command('model').description('which model answers, and its key'), perform);
  program
    .command('open')
    .description('the app in a browser; stays until Ctrl+C')
    .option('--no-browser', 'only print the one-time address')
    .action((flags: { browser: boolean }) =>
      perform(async (ctx) => (await import('#cli/open.ts')).open(ctx, { ...flags, parent: () => process.ppid })),
    );
  program
    .command('doctor')
    .description('can this machine do a night of work')
    .option('--fix', 'first mend what the OS scheduler holds')
    .option('--sandbox', 'also everything that a run is confined by, and how it was seen')
    .action((flags: { fix?: boolean; sandbox?: boolean }) =>
      perform(async (ctx) => (await import('#cli/doctor.ts')).doctor(ctx, flags)),
    );
  program
    .command('drill')
    .description('break a scratch profile on purpose and see whether its ledger stays true; about a minute')
    .action(() => perform(async (ctx) => (await import('#cli/drill.ts')).drill(ctx)));
  program
    .command('demo')
    .description('the whole job, start to proposal, on a demo repository')
    .option('--approve', 'also land the proposal, on the branch overnight-fixes')
    .option('--keep', 'leave its routine active, every night; without it, it is paused afterwards')
    .action((flags: { approve?: boolean; keep?: boolean }) =>
      perform(async (ctx) => (await import('#cli/demo.ts')).demo(ctx, flags)),
    );
}

function hostGrammar(host: Command, perform: Perform): void {
  const load = () => import('#cli/host.ts');
  host
    .command('status')
    .description('the running host; starts none')
    .action(() => perform(async (ctx) => (await load()).status(ctx), { start: false }));
  host
    .command('stop')
    .description('end the host; the next command or timer starts another')
    .option('--force', 'also while runs are active; they resume with the next host')
    .action((flags: { force?: boolean }) =>
      perform(async (ctx) => (await load()).stop(ctx, flags), { start: false, absent: 'No host is running.' }),
    );
}

function modelGrammar(model: Command, perform: Perform): void {
  const load = () => import('#cli/model.ts');
  model
    .command('status')
    .description('which model answers, and where its key comes from')
    .action(() => perform(async (ctx) => (await load()).status(ctx)));
  model
    .command('list')
    .description('the models of the address: what they hold, can do and cost, and which leave')
    .action(() => perform(async (ctx) => (await import('#cli/models.ts')).list(ctx)));
  model
    .command('key')
    .description('store an API key in the keychain; it is read from standard input')
    .argument('[nothing...]')
    .usage('< key-file')
    .option('--passphrase-file <path>', 'without a keychain: into an encrypted file that this passphrase opens')
    .action(async (words: string[], flags: { passphraseFile?: string }) => {
      if (words.length > 0) throw (await import('#cli/model.ts')).keyOnCommandLine();
      await perform(async (ctx) => (await load()).setKey(ctx, flags));
    });
  model
    .command('forget')
    .description('delete the stored key')
    .action(() => perform(async (ctx) => (await load()).forget(ctx)));
  model
    .command('base-url')
    .description('any address that speaks the Messages API')
    .argument('<url>', 'https address, http on this machine, or default')
    .option('--insecure', 'also plain http to another machine')
    .action((url: string, flags: { insecure?: boolean }) =>
      perform(async (ctx) => (await load()).setBaseUrl(ctx, url, flags)),
    );
  model
    .command('price')
    .description('what a model costs that Nightshift knows no price of, in US dollars per million tokens')
    .argument('<model>', 'id of the model, as its server knows it')
    .option('--input <dollars>', 'of the prompt', decimalNumber)
    .option('--output <dollars>', 'of the answer, thinking included', decimalNumber)
    .option('--cache-write <dollars>', 'of what is put into the cache (default: 1.25 times the prompt)', decimalNumber)
    .option('--cache-read <dollars>', 'of what is read from it (default: as the prompt)', decimalNumber)
    .option('--free', 'nobody bills it; tokens are capped all the same')
    .option('--forget', "as Nightshift's own table says")
    .action((id: string, flags: PriceFlags) => perform(async (ctx) => (await load()).setPrice(ctx, id, flags)));
}
