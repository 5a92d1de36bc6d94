/** Reads one field of a tool's input; a wrong one is named, with what it must be. */
import { ToolFailure } from './answer.ts';

type Input = Record<string, unknown>;

export function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new ToolFailure('tool.bad_input', `${name} must be a string.`);
  return value;
}

export function optionalText(input: Input, name: string): string | undefined {
  return input[name] === undefined || input[name] === null ? undefined : text(input, name);
}

/** An integer from `least` on, or undefined. */
export function optionalCount(input: Input, name: string, least = 0): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    throw new ToolFailure('tool.bad_input', `${name} must be a whole number of at least ${least}.`);
  }
  return value;
}

export function flag(input: Input, name: string, usual = false): boolean {
  const value = input[name] ?? usual;
  if (typeof value !== 'boolean') throw new ToolFailure('tool.bad_input', `${name} must be true or false.`);
  return value;
}
