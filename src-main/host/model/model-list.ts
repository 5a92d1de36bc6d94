/** What is told of models before any is asked: the whole list, and of one that leaves or is gone, when and what takes its place. */
import { Fault } from '#contract/faults.ts';
import type { KnownModel, ModelList } from '#contract/models.ts';
import type { Price } from '#contract/prices.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { pricesAsOf, priceTiers } from '#core/budget/prices.ts';
import type { Catalogue } from './catalogue.ts';
import { type ModelFacts, replacementOf } from './model-table.ts';

/** Those that can be asked first, newest first. */
export function listOf(known: Awaited<ReturnType<Catalogue['all']>>, own: Record<string, Price>): ModelList['models'] {
  const order = ['active', 'deprecated', 'retired'];
  return [...known.models]
    .sort(
      (a, b) =>
        order.indexOf(a.lifecycle) - order.indexOf(b.lifecycle) ||
        b.createdAt.localeCompare(a.createdAt) ||
        a.id.localeCompare(b.id),
    )
    .map((facts) => shown(facts, known.models, own));
}

export function whence(known: Awaited<ReturnType<Catalogue['all']>>, baseUrl: string): string {
  const prices = `Prices: those that you set, else the price list of ${pricesAsOf}.`;
  const from =
    known.at === null ? `${baseUrl} has given no list: what Nightshift knows by itself.` : `As ${baseUrl} lists them.`;
  return `${from} ${prices}`;
}

function shown(facts: ModelFacts, all: readonly ModelFacts[], own: Record<string, Price>): KnownModel {
  const { id, name, window, maxAnswer, efforts, thinking, structured, web, images, lifecycle, retiresAt } = facts;
  const abilities: [words: string, able: boolean | null | undefined][] = [
    ['adaptive thinking', thinking?.adaptive],
    ['strict tools and answers', structured],
    ['web search', web?.search],
    ['web fetch', web?.fetch],
    ['images', images],
  ];
  const those = (wanted: boolean) => abilities.flatMap(([words, able]) => (able === wanted ? [words] : []));
  const successor = lifecycle === 'active' ? null : (replacementOf(all, facts)?.id ?? null);
  return {
    ...{ id, name, window, maxAnswer, efforts, can: those(true), cannot: those(false) },
    ...{ lifecycle, retiresAt, successor, prices: priceTiers(id, own) },
  };
}

/** A model of which is known that it leaves or is gone. */
export interface Leaving {
  facts: ModelFacts;
  next: ModelFacts | null;
}

/** For a run of `routine` that wanted it; a one-off has no routine that could be changed. */
export function retired({ facts: { id, name, retiresAt }, next }: Leaving, routine: string): Fault {
  const when = retiresAt ? ` on ${retiresAt.slice(0, 10)}` : '';
  const choose = `${routine === taskRoutine ? 'nightshift run' : `nightshift routines edit ${routine}`} --model`;
  const again = routine === taskRoutine ? 'Start it again with' : 'Choose';
  return new Fault('model.retired', `${name} (${id}) was retired${when}: nobody can ask it any more.`, {
    field: 'model',
    cure: next
      ? `${again} its successor: \`${choose} ${next.id}\`.`
      : `${again} another model: \`${choose} <id>\`; \`nightshift model list\` names them.`,
  });
}
