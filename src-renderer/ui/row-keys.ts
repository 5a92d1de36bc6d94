/** j and k go from row to row, over all lists of a screen in their order; Enter then opens, or unfolds. */
import { useKeys } from './keys.tsx';

export function useRowKeys(): void {
  useKeys({
    j: { what: 'Next row', do: () => step(1) },
    k: { what: 'Previous row', do: () => step(-1) },
  });
}

/** A row's way in is its first link, or the line that unfolds it. */
function step(by: 1 | -1): void {
  const ways = [...document.querySelectorAll<HTMLElement>('main [data-row]')].flatMap(
    (row) => row.querySelector<HTMLElement>('a[href], summary') ?? [],
  );
  const here = ways.findIndex((way) => way.closest('[data-row]')?.contains(document.activeElement));
  const next = here < 0 && by === -1 ? undefined : ways[here + by];
  next?.focus();
  next?.closest('[data-row]')?.scrollIntoView({ block: 'nearest' });
}
