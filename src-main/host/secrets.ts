/** The secrets that this process has seen, so that whatever it writes down can be freed of their very values. */
import { redactAll, redactError, redactValue } from './redact.ts';

export interface Secrets {
  /** Remembers a secret until the process ends; texts shorter than eight characters are no secrets. */
  know(secret: string | null | undefined): void;
  text(text: string): string;
  /** One of these very values is in the text. */
  holds(text: string): boolean;
  value(value: unknown): unknown;
  /** The same error, redacted in place. */
  error<T>(error: T): T;
}

export function createSecrets(): Secrets {
  const known = new Set<string>();
  return {
    know(secret) {
      const trimmed = secret?.trim() ?? '';
      if (trimmed.length >= 8) known.add(trimmed);
    },
    holds: (text) => [...known].some((secret) => text.includes(secret)),
    text: (text) => redactAll(text, [...known]),
    value: (value) => redactValue(value, [...known]),
    error: <T>(error: T) => redactError(error, [...known]) as T,
  };
}
