/**
 * Runs in the page: names what is clipped, printed over something else, too small to hit, or wider than the window.
 * Ellipses are allowed where the whole text is in a title or the row opens to it.
 */
export function layoutFaults(): string[] {
  const faults: string[] = [];
  const name = (element: Element) => {
    const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    return `<${element.tagName.toLowerCase()} ${String(element.getAttribute('class') ?? '').split(' ')[0]}> "${words}"`;
  };
  const shown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const hidden = (element: Element) => element.closest('.sr-only, [aria-hidden=true], datalist, option') !== null;
  const floats = (element: Element) => {
    for (let at: Element | null = element; at; at = at.parentElement)
      if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return true;
    return false;
  };

  for (const box of [document.documentElement, document.querySelector('main')])
    if (box && box.scrollWidth > box.clientWidth + 1) faults.push(`sideways scroll in ${name(box).slice(0, 30)}`);

  const texts: { element: Element; rect: DOMRect }[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element || !walker.currentNode.textContent?.trim() || !shown(element) || hidden(element)) continue;
    const style = getComputedStyle(element);
    const clips = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if (clips && style.textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1)
      faults.push(`clipped: ${name(element)}`);
    if (style.overflowY === 'hidden' && element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 2)
      faults.push(`cut off below: ${name(element)}`);
    if (floats(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const rect of range.getClientRects())
      if (rect.width > 1 && rect.bottom > 0 && rect.top < innerHeight) texts.push({ element, rect });
  }

  // What an edge hides is painted nowhere; only what all boxes around it show can collide.
  const painted = (element: Element, rect: DOMRect): DOMRect => {
    let { left, top, right, bottom } = rect;
    for (let at: Element | null = element; at; at = at.parentElement) {
      if (getComputedStyle(at).overflow === 'visible' || getComputedStyle(at).display === 'inline') continue;
      const box = at.getBoundingClientRect();
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    }
    return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  };
  const visible = texts
    .map(({ element, rect }) => ({ element, rect: painted(element, rect) }))
    .filter(({ rect }) => rect.width > 1 && rect.height > 1);
  for (const [index, a] of visible.entries())
    for (const b of visible.slice(index + 1)) {
      if (a.element === b.element || a.element.contains(b.element) || b.element.contains(a.element)) continue;
      const across = Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left);
      const down = Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top);
      if (across > 2 && down > 4) faults.push(`text on text: ${name(a.element)} and ${name(b.element)}`);
    }

  for (const target of document.querySelectorAll('button, a[href], input, select, textarea, summary')) {
    if (!shown(target) || hidden(target) || target.getAttribute('tabindex') === '-1') continue;
    const style = getComputedStyle(target);
    // A link in running text is as high as its line.
    if (
      target.tagName === 'A' &&
      style.display === 'inline' &&
      getComputedStyle(target, '::after').position !== 'absolute'
    )
      continue;
    const spread = getComputedStyle(target, '::after').position === 'absolute' ? target.closest('li') : null;
    const { width, height } = (spread ?? target).getBoundingClientRect();
    if (width < 24 || height < 24)
      faults.push(`small target ${Math.round(width)}×${Math.round(height)}: ${name(target)}`);
  }
  return [...new Set(faults)];
}
