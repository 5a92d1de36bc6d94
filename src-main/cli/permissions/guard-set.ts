/** The published set of labelled actions and tool results, as it is shipped. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { GuardAction, GuardContext, GuardResult, type GuardSet } from '#core/permissions/measure.ts';
import { resource } from '#host/self.ts';

export function readGuardSet(): GuardSet {
  return {
    contexts: rows('contexts.jsonl', GuardContext),
    actions: rows('actions.jsonl', GuardAction),
    results: rows('results.jsonl', GuardResult),
  };
}

function rows<S extends z.ZodType>(file: string, schema: S): z.output<S>[] {
  const lines = readFileSync(resource('guard-set', file), 'utf8').split('\n');
  return lines.flatMap((line) => (line === '' ? [] : [schema.parse(JSON.parse(line))]));
}
