/**
 * Runs in the page: names what is clipped, printed over something else, torn, too small to hit, or wider than the window.
 * Ellipses are allowed: the whole text is in a title, or the row opens to it.
 */
export function layoutFaults(): string[] {
  const name = (element: Element) => {
    const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    return `<${element.tagName.toLowerCase()} ${String(element.getAttribute('class') ?? '').split(' ')[0]}> "${words}"`;
  };
  const around = function* (element: Element) {
    for (let at: Element | null = element; at; at = at.parentElement) yield { at, style: getComputedStyle(at) };
  };
  const shown = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.closest('.sr-only, [aria-hidden=true], datalist, option') === null;
  const floats = (element: Element) =>
    [...around(element)].some(({ style }) => style.position === 'fixed' || style.position === 'sticky');

  const wide = () =>
    [document.documentElement, document.querySelector('main')]
      .filter((box) => box !== null && box.scrollWidth > box.clientWidth + 1)
      .map((box) => `sideways scroll in <${box?.tagName.toLowerCase()}>`);

  const written = () => {
    const found: { element: Element; node: Node }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { currentNode: node } = walker;
      const element = node.parentElement;
      if (element && node.textContent?.trim() && shown(element)) found.push({ element, node });
    }
    return found;
  };

  const clipped = () =>
    written().flatMap(({ element }) => {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(element);
      const sideways =
        overflowX !== 'visible' && textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1;
      const below =
        overflowY === 'hidden' && element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 2;
      return sideways || below ? [`clipped: ${name(element)}`] : [];
    });

  /** What an edge hides is painted nowhere; only what all boxes around it show can collide. */
  const painted = (element: Element, rect: DOMRect) => {
    let { left, top, right, bottom } = rect;
    for (const { at, style } of around(element)) {
      if (style.overflow === 'visible' || style.display === 'inline') continue;
      const box = at.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  const overprinted = () => {
    const texts = written()
      .filter(({ element }) => !floats(element))
      .flatMap(({ element, node }) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].map((rect) => ({ element, rect: painted(element, rect) }));
      })
      .filter(
        ({ rect }) => rect.right - rect.left > 1 && rect.bottom > 0 && rect.top < Math.min(innerHeight, rect.bottom),
      );
    const collide = (a: (typeof texts)[number], b: (typeof texts)[number]) =>
      !a.element.contains(b.element) &&
      !b.element.contains(a.element) &&
      Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left) > 2 &&
      Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top) > 4;
    return texts.flatMap((a, index) =>
      texts
        .slice(index + 1)
        .filter((b) => collide(a, b))
        .map((b) => `text on text: ${name(a.element)} and ${name(b.element)}`),
    );
  };

  /** A short word that stands on two lines: its column is too narrow for it. */
  const torn = () =>
    written().flatMap(({ element, node }) =>
      [...(node.textContent ?? '').matchAll(/(?<![^\s])\p{L}{2,14}(?![^\s.,;:!?])/gu)].flatMap(({ 0: word, index }) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        return lines.size > 1 ? [`torn word "${word}": ${name(element)}`] : [];
      }),
    );

  const small = () =>
    [...document.querySelectorAll('button, a[href], input, select, textarea, summary')].flatMap((target) => {
      // A link that spreads over its row is as large as the row; one in running text is as high as its line.
      const spreads = getComputedStyle(target, '::after').position === 'absolute';
      const inText = target.tagName === 'A' && getComputedStyle(target).display === 'inline' && !spreads;
      if (!shown(target) || inText || target.getAttribute('tabindex') === '-1') return [];
      const { width, height } = ((spreads && target.closest('li')) || target).getBoundingClientRect();
      return width < 24 || height < 24
        ? [`small target ${Math.round(width)}×${Math.round(height)}: ${name(target)}`]
        : [];
    });

  return [...new Set([...wide(), ...clipped(), ...overprinted(), ...torn(), ...small()])];
}
