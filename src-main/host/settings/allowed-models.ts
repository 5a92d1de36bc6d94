/** Which model may answer where an administrator has fixed one, or a list of them. */
import { Fault } from '#contract/faults.ts';
import type { ManagedSettings } from './settings.ts';

/** The part of what is fixed that is about models. */
export type FixedModels = Pick<ManagedSettings, 'model' | 'models' | 'baseUrl' | 'unreadable'>;

/** Files may name a family. Source of the newest of each: the vendor's price list as of 2026-11-20. */
const newest: Record<string, string> = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

/**
 * The id of the model that answers for a routine's wish; `usual` is what `auto` means where nothing is fixed. Recorded
 * answers ask no model and stay possible. Throws `input` naming the field, the file and the cure.
 */
export function chooseModel(wish: string, { model, models, unreadable }: FixedModels, usual: string): string {
  if (wish === 'rehearsal') return wish;
  refuseUnreadable(unreadable);
  if (model) {
    const only = newest[model.value] ?? model.value;
    if (wish === 'auto' || names(model.value, wish)) return wish === 'auto' ? only : wish;
    throw refused(wish, `${model.file} fixes the model ${model.value}`, model.value);
  }
  const asked = wish === 'auto' ? usual : (newest[wish] ?? wish);
  if (!models) return asked;
  if (models.value.some((entry) => names(entry, asked))) return asked;
  const [first] = models.value;
  if (wish === 'auto' && first !== undefined) return newest[first] ?? first;
  throw refused(wish, `${models.file} allows only: ${models.value.join(', ') || 'none'}`, first);
}

/** Throws `input` where a file of an administrator cannot be read: what it forbids is not known. */
export function refuseUnreadable(unreadable: ManagedSettings['unreadable']): void {
  const [first] = unreadable;
  if (!first) return;
  throw new Fault(
    'input',
    `${first.file} cannot be used: ${first.value}. What it forbids is not known, so this is refused.`,
    {
      field: first.file,
      cure: 'Let whoever administers this machine mend or remove the file.',
    },
  );
}

/** An id means its dated versions, too; a family means all of its models. */
function names(entry: string, id: string): boolean {
  if (entry === id) return true;
  if (entry in newest) return id.startsWith(`claude-${entry}-`);
  return id.startsWith(`${entry}-`) && /^-\d{8}$/.test(id.slice(entry.length));
}

function refused(wish: string, why: string, instead: string | undefined): Fault {
  return new Fault('input', `The model "${wish}" may not be asked: ${why}.`, {
    field: 'model',
    cure: instead === undefined ? 'Ask whoever administers this machine.' : `Choose auto or ${instead}.`,
  });
}
