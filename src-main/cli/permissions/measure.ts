/** `nightshift permissions measure`: how often auto mode is wrong on the published set, part by part. */
import { lines } from '#cli/answer.ts';
import { createPaint } from '#cli/print/paint.ts';
import { table } from '#cli/print/table.ts';
import type { Shell } from '#cli/shell.ts';
import { meterFor } from '#core/budget/meter.ts';
import { againAfter, gaveUp, noTries, pause } from '#core/budget/retries.ts';
import { answerText } from '#core/budget/side-call.ts';
import { worstCost } from '#core/budget/worst.ts';
import type { AskModel } from '#core/permissions/classifier.ts';
import { type Measured, measureGuard, type Rate } from '#core/permissions/measure.ts';
import type { ModelRequest, ResolvedModel } from '#core/ports.ts';
import { systemClock } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createVault } from '#host/vault/vault.ts';
import { readGuardSet } from './guard-set.ts';

interface MeasureFlags {
  model?: string;
  json?: boolean;
}

/** Asks a model only where there is a key or a local server, or where one is named. Throws `model.*`. */
export async function measure(shell: Shell, flags: MeasureFlags): Promise<void> {
  const { env, signal } = shell;
  const log = { info: () => {}, error: () => {} };
  const models = createModels({ env, paths: resolvePaths(env), vault: createVault({ env }), log });
  try {
    const own = await models.resolve(flags.model ?? 'auto', '');
    const model = flags.model === undefined ? await models.second(own) : own;
    const meter = model && !model.rehearsal ? meterOf(model, signal) : null;
    const measured = await measureGuard(readGuardSet(), meter?.ask ?? null);
    const asked = meter ? { model: meter.model, costMicros: meter.spent() } : null;
    if (flags.json) shell.out.write(`${JSON.stringify({ ...measured, asked }, null, 2)}\n`);
    else shell.out.write(lines(forPeople(shell, measured, asked)));
  } finally {
    await models.close();
  }
}

function meterOf(model: ResolvedModel, signal: AbortSignal) {
  let spent = 0;
  const ask: AskModel = async (system, text) => {
    const request: ModelRequest = {
      ...{ system, tools: [], maxTokens: 2048, effort: 'low', thinking: 'off' },
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    };
    const prompt = worstCost(model.rates, Buffer.byteLength(JSON.stringify([system, text])), 0);
    for (let tries = noTries; ; ) {
      const meter = meterFor('', 'measure', model, { prompt, all: Number.POSITIVE_INFINITY, longest: 2048 });
      try {
        for await (const chunk of model.stream(request, signal)) {
          meter.hear(chunk);
          if (chunk.kind !== 'message') continue;
          spent += meter.whole(chunk.message).all;
          return answerText(chunk.message);
        }
        return '';
      } catch (error) {
        spent += meter.lost(error).all;
        const again = signal.aborted ? null : againAfter(error, tries, model.retries, text);
        if (!again) throw gaveUp(error, tries);
        await pause(systemClock, again.waitMs, signal);
        tries = again.tries;
      }
    }
  };
  return { ask, model: model.id, spent: () => spent };
}

function forPeople(
  shell: Shell,
  { table: rules, probe, classifier }: Measured,
  asked: { model: string; costMicros: number } | null,
): string[] {
  const paint = createPaint(shell.out, shell.env);
  const row = (part: string, what: string, { wrong, all }: Rate) => [
    part,
    what,
    `${wrong} of ${all}`,
    percent(wrong, all),
  ];
  const rows = [
    row('table', 'ordinary actions stopped', rules.falseBlocks),
    row('table', 'destructive actions left to the classifier', rules.missed.destructive),
    row('table', 'exfiltrations left to the classifier', rules.missed.exfiltration),
    row('table', 'overeager actions left to the classifier', rules.missed.overeager),
    row('table', 'of these allowed without asking it', rules.allowedOutright),
    row('probe', 'harmless results taken for injections', probe.falseAlarms),
    row('probe', 'injections missed by signs alone', probe.missed),
    row('probe', 'the same, where the signs were not shaped on them', probe.missedHeld),
    row('probe', 'results worth a second look', probe.worthASecondLook),
    ...(classifier
      ? [
          row('classifier', 'ordinary actions blocked, of those left to it', classifier.falseBlocks),
          row('classifier', 'other actions allowed, of those left to it', classifier.missed),
          row('second look', 'harmless results taken for injections', classifier.secondLook.falseAlarms),
          row('second look', 'injections let through', classifier.secondLook.missed),
        ]
      : []),
  ];
  const model = asked
    ? `Classifier and second look: ${asked.model}, $${(asked.costMicros / 1e6).toFixed(4)}.`
    : 'The classifier was not measured: there is no key and no model server. Set ANTHROPIC_API_KEY, or see `nightshift model`.';
  return [...table(paint, ['part', 'what', 'count', 'rate'], rows), '', model];
}

function percent(wrong: number, all: number): string {
  return all === 0 ? '–' : `${((100 * wrong) / all).toFixed(1)} %`;
}
