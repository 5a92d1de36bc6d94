/** Runs the commands of a skill in the hands, in order, and puts their output where they stood; they have been allowed before. */

import type { Suspicion } from '#core/permissions/injection.ts';
import { asData, type Inspect } from '#core/permissions/injection-probe.ts';
import type { Hands } from '#core/ports.ts';
import type { OpenSkill } from './book.ts';

export interface Rendered {
  /** `ok` false: what came of the first command that did not go well. Nothing of the skill is given then. */
  ok: boolean;
  text: string;
  /** Output that speaks to the agent. */
  found: Suspicion | null;
}

/** Milliseconds that each command may take. */
const timeout = 120_000;
/** In one skill. */
export const mostCommands = 20;

/** `call`: by which output that speaks to the agent is marked. Throws the reason of `signal`. */
export async function runCommands(
  hands: Pick<Hands, 'call'>,
  inspect: Inspect,
  { parts }: OpenSkill,
  call: string,
  signal: AbortSignal,
): Promise<Rendered> {
  const texts: string[] = [];
  let found: Suspicion | null = null;
  for (const { kind, text } of parts) {
    if (kind === 'text') {
      texts.push(text);
      continue;
    }
    const done = await hands.call('Bash', { command: text, timeout }, signal);
    signal.throwIfAborted();
    const suspicion = await inspect(done.text, signal);
    found ??= suspicion;
    const output = suspicion ? asData(done.text, call, suspicion) : done.text;
    if (!done.ok || (done.exitCode ?? 0) !== 0) {
      const failed = `The command ${JSON.stringify(text)} of the skill failed, so the skill is not given:\n${output}`;
      return { ok: false, text: failed, found };
    }
    texts.push(output);
  }
  return { ok: true, text: texts.join('').trim(), found };
}

export const commandsOf = ({ parts }: OpenSkill): string[] =>
  parts.flatMap(({ kind, text }) => (kind === 'command' ? [text] : []));
