/** What may be typed, as a whole. Only names and flags live here; each command loads its own code when it is called. */
import { Command } from 'commander';
import { exitCodesText } from './exit-codes.ts';
import { alertsGrammar } from './grammar/alerts.ts';
import { auditGrammar } from './grammar/audit.ts';
import { budgetGrammar } from './grammar/budget.ts';
import { grantsGrammar } from './grammar/grants.ts';
import { hooksGrammar } from './grammar/hooks.ts';
import { machineGrammar } from './grammar/machine.ts';
import { memoryGrammar } from './grammar/memory.ts';
import { refuseEmptyValues } from './grammar/parse.ts';
import { permissionsGrammar } from './grammar/permissions.ts';
import { proposalsGrammar } from './grammar/proposals.ts';
import { questionsGrammar } from './grammar/questions.ts';
import { routinesGrammar } from './grammar/routines.ts';
import { runGrammar } from './grammar/run.ts';
import { dueGrammar, runsGrammar } from './grammar/runs.ts';
import { sandboxGrammar } from './grammar/sandbox.ts';
import { scheduleGrammar } from './grammar/schedule.ts';
import { instructionsGrammar, settingsGrammar } from './grammar/settings.ts';
import { telemetryGrammar } from './grammar/telemetry.ts';
import type { Context, Shell } from './shell.ts';

interface How {
  /** False: never start a host. */
  start?: boolean;
  /** What to say, with exit code 0, when none runs and none may be started; without it that is an error. */
  absent?: string;
  /** The work brings itself to an end when it is interrupted, and is waited for. */
  stopsItself?: boolean;
}

/** Attaches to the host, does the work, and keeps the exit code that the work returns. */
export type Perform = (work: (ctx: Context) => Promise<number>, how?: How) => Promise<void>;

/** As `Perform`, for work that needs no host. `failed`: the exit code of its own failures, where 1 may mean another's. */
export type Alone = (work: () => Promise<number>, failed?: number) => Promise<void>;

/** Parsing it throws `CommanderError` for everything that ends without an action, help and version included. */
export function createProgram(shell: Shell, perform: Perform, alone: Alone): Command {
  const program = new Command('nightshift')
    .description('Puts an AI agent on the night shift: routines woken by the OS, done in a sandbox, reviewed by you.')
    .version(shell.version, '--version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .option('--json', 'one JSON document on stdout, errors as JSON on stderr')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void shell.out.write(text),
      writeErr: (text) => void shell.err.write(text),
      // What is wrong is reported once, in our own words, by whoever catches the error.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText(
      'after',
      `\n${exitCodesText}\n\nData directory: NIGHTSHIFT_HOME, else the usual place of this system.`,
    );
  program.commandsGroup('Give work:');
  runGrammar(program, perform);
  routinesGrammar(program, perform);
  scheduleGrammar(program, shell);
  dueGrammar(program, perform);
  program.commandsGroup('Look, and decide:');
  runsGrammar(program, perform, shell, alone);
  proposalsGrammar(program, perform);
  questionsGrammar(program, perform);
  alertsGrammar(program, perform);
  budgetGrammar(program, perform);
  program.commandsGroup('What runs may do, and did:');
  permissionsGrammar(program, shell, perform);
  grantsGrammar(program, perform);
  settingsGrammar(program, perform);
  sandboxGrammar(program, shell, alone);
  auditGrammar(program, perform, shell, alone);
  program.commandsGroup('What runs are told:');
  instructionsGrammar(program, perform);
  hooksGrammar(program, perform);
  memoryGrammar(program, perform);
  program.commandsGroup('This machine:');
  machineGrammar(program, perform);
  telemetryGrammar(program, perform);
  program.helpCommand(true);
  refuseEmptyValues(program);
  return program;
}
