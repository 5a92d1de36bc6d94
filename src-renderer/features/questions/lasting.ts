/** What one "always" to questions about the same act would grant: one rule or host, to each of their routines. */
import { type Granted, grantable } from '#contract/grants.ts';
import type { Question } from '#contract/questions.ts';
import { grantedText } from './granted-text.ts';

export interface Lasting {
  granted: Granted;
  /** Each once. */
  routines: string[];
}

/** Null: for one of them there is no such thing, or it would be another one. */
export function lastingOf(questions: readonly Question[]): Lasting | null {
  const all = questions.flatMap((question) => {
    const found = grantable(question);
    return 'granted' in found ? [found.granted] : [];
  });
  const [granted] = all;
  if (!granted || all.length < questions.length) return null;
  if (new Set(all.map(grantedText)).size > 1) return null;
  return { granted, routines: [...new Set(questions.map(({ routine }) => routine))] };
}
