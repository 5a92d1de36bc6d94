/** Shows what a text hides: characters that are unseen or reorder what is seen come out as their code points. */

/**
 * Control characters but newline and tab, marks that reorder text, blanks that are not a space, characters without
 * width, halves of characters and tags (Trojan Source, CVE-2021-42574), each as `⟨U+202E⟩`.
 */
const hidden = /[[\p{Cc}\p{Cf}\p{Z}\p{Cs}\p{Default_Ignorable_Code_Point}]--[\n\t ]]/gv;

export function visible(text: string): string {
  return text.replace(
    hidden,
    (found) => `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}

/** True: `visible` would show it otherwise than it is. */
export function hides(text: string): boolean {
  return text.search(hidden) >= 0;
}

/** Every string of a value, however deep, made visible. */
export function visibleIn<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T;
  if (Array.isArray(value)) return value.map(visibleIn) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [visible(name), visibleIn(inner)])) as T;
}
