/** What a person types about goal and rubric → the contract's fields. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Shell } from './shell.ts';
import type { Change, SpecFlags } from './spec-input.ts';
import { textFrom } from './text-input.ts';

type Aims = Pick<Change, 'goal' | 'goalRounds' | 'rubric' | 'artifacts' | 'iterations'>;

/** What was not named is undefined; `off` empties. Throws `input` naming the field when a file cannot be read. */
export async function aimsFrom(flags: SpecFlags, shell: Shell): Promise<Aims> {
  const { goal, rubric, artifact } = flags;
  return {
    goal: goal === undefined ? undefined : await orOff(goal, (text) => textFrom(text, shell, goalField)),
    goalRounds: flags.rounds,
    rubric: rubric === undefined ? undefined : await orOff(rubric, (text) => rubricText(text, shell)),
    artifacts: artifact?.length === 1 && artifact[0] === 'off' ? [] : artifact,
    iterations: flags.iterations,
  };
}

const goalField = { what: 'goal', field: 'goal', most: 4_000 };
const rubricField = { what: 'rubric', field: 'rubric', most: 64_000 };

const orOff = (value: string, read: (text: string) => Promise<string>) => (value === 'off' ? '' : read(value));

/** One line that names a file is that file; a single word that names none is a mistyped one, and no rubric. */
async function rubricText(value: string, shell: Shell): Promise<string> {
  const isFile = value.includes('\n')
    ? false
    : await stat(resolve(shell.cwd, value)).then(
        (found) => found.isFile(),
        () => false,
      );
  if (!isFile && !/[\s@]/.test(value.trim()) && value !== '-')
    throw new Fault('input', `There is no rubric file ${resolve(shell.cwd, value)}.`, {
      field: 'rubric',
      cure: 'Name a file that is there, or write the criteria as a list.',
    });
  return await textFrom(isFile ? `@${value}` : value, shell, rubricField);
}
