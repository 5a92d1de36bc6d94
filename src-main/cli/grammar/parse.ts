/** Reads flag values that are more than text; refusals name the flag. */
import { type Command, CommanderError, InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function integer(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function decimalNumber(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('It must be a number such as 2 or 0.5.');
  return Number(text);
}

/** For flags that may be given many times. */
export function collect(text: string, before: string[] | false | undefined): string[] {
  return [...(before || []), text];
}

/** For arguments that may be given many times. */
export function collectNumbers(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), wholeNumber(text)];
}

/** Throws for all that is missing at once. `flags`: as commander gives them. */
export function requireFlags<K extends string>(
  flags: { [F in K]?: unknown },
  names: readonly K[],
): asserts flags is { [F in K]: NonNullable<(typeof flags)[F]> } {
  const missing = names.filter((name) => flags[name] === undefined).map((name) => `--${name}`);
  if (missing.length === 0) return;
  const what = missing.length === 1 ? `Required option ${missing} is` : `Required options ${missing.join(', ')} are`;
  throw new CommanderError(1, 'nightshift.missingOptions', `${what} missing.`);
}

/** Makes every option of the command and of those below it refuse an empty value; only a description may be emptied. */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.long === '--description') continue;
    const { parseArg } = option;
    option.argParser((text: string, before: unknown) => {
      if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
      return parseArg ? parseArg(text, before) : text;
    });
  }
  for (const each of command.commands) refuseEmptyValues(each);
}
