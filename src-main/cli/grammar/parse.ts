/** Reads flag values that are more than text; refusals name the flag. */
import { InvalidArgumentError } from 'commander';

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
