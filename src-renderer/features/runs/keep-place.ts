/** Where a reader is in a list that grows and is measured late: at its end, or at a row that does not move on the screen. */

export interface Place {
  /** Follows the end from now on. */
  toEnd(): void;
  /** Reads here from now on, not at the end. */
  stay(): void;
  /** Holds this row in the middle as soon as it is drawn; whoever calls has the list draw it. */
  toRow(index: number): void;
  stop(): void;
}

interface Reader {
  /** Reads at the end to begin with. */
  atEnd: boolean;
  /** Whether reaching the end means following it. */
  mayFollow(): boolean;
  told(following: boolean): void;
}

/** Pixels from the end that still are the end. */
const near = 24;
const rowsUp = ['ArrowUp', 'PageUp', 'Home'];
/** Keys that go up only together with Shift. */
const shiftedUp = [' ', 'Tab'];

/**
 * The one party that moves the list by itself. What the reader moved is known from scroll events; every other difference
 * between where the held row is and where it was comes from layout and is taken back before it is painted. No clock is
 * asked, so a slow machine changes nothing.
 */
export function keepPlace(scroller: HTMLElement, { atEnd, mayFollow, told }: Reader): Place {
  let following = atEnd;
  let top = scroller.scrollTop;
  let held: { index: string; offset: number } | null = null;
  let wanted: string | null = null;

  const drawn = (index: string) => scroller.querySelector(`[data-item-index="${index}"]`);
  const offsetOf = (row: Element) => row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const end = () => scroller.scrollHeight - scroller.clientHeight;
  const moveTo = (next: number) => {
    scroller.scrollTop = next;
    top = scroller.scrollTop;
  };
  /** The first row that begins on the screen, or the one that fills it; none where the list has not drawn it yet. */
  const take = () => {
    held = null;
    for (const row of scroller.querySelectorAll<HTMLElement>('[data-item-index]')) {
      const offset = offsetOf(row);
      if (offset >= scroller.clientHeight) return;
      if (offset + row.clientHeight > 0) held = { index: row.dataset.itemIndex ?? '', offset };
      if (offset >= 0) return;
    }
  };
  const hold = () => {
    if (following) return moveTo(scroller.scrollHeight);
    if (wanted !== null) {
      const row = drawn(wanted);
      if (!row) return;
      wanted = null;
      moveTo(scroller.scrollTop + offsetOf(row) - (scroller.clientHeight - row.clientHeight) / 2);
      return take();
    }
    const row = held && drawn(held.index);
    // At the very top one reads whatever stands first.
    if (!held || !row || top <= 0) {
      top = scroller.scrollTop;
      return take();
    }
    const moved = offsetOf(row) - held.offset;
    // Pixels cannot be halved. Where there is no room to take it back, the next growth gives it.
    moveTo(Math.abs(moved) < 1 ? scroller.scrollTop : scroller.scrollTop + moved);
  };
  const follow = (next: boolean) => {
    wanted = null;
    if (next !== following) told(next);
    following = next;
    if (next) hold();
    else {
      top = scroller.scrollTop;
      take();
    }
  };
  const up = () => {
    if (scroller.scrollTop <= 0) return;
    if (following || wanted !== null) follow(false);
  };

  let dragged = false;
  const scrolled = () => {
    const before = top;
    top = scroller.scrollTop;
    // A list that became shorter pulls the reader up without being asked to.
    const by = top < before && top >= end() - 1 ? 0 : top - before;
    if (dragged && by < 0) up();
    if (following) return;
    if (by > 0 && wanted === null && end() - top <= near && mayFollow()) return follow(true);
    if (held) held.offset -= by;
    hold();
    if (by !== 0 && wanted === null) take();
    // After a leap the list draws in this same frame, having heard of it after us.
    if (!held) requestAnimationFrame(hold);
  };

  let finger = 0;
  const heard = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(type: K, does: (event: HTMLElementEventMap[K]) => void) =>
    scroller.addEventListener(type, does, { passive: true, signal: heard.signal });
  on('scroll', scrolled);
  on('wheel', ({ deltaY }) => deltaY < 0 && up());
  on('keydown', ({ key, shiftKey }) => (rowsUp.includes(key) || (shiftKey && shiftedUp.includes(key))) && up());
  on('touchstart', ({ touches }) => {
    finger = touches[0]?.clientY ?? 0;
  });
  on('touchmove', ({ touches }) => {
    const now = touches[0]?.clientY ?? 0;
    if (now > finger) up();
    finger = now;
  });
  // The scroll bar belongs to the list itself; letting it go is not told reliably, moving on without a button is.
  on('pointerdown', ({ target }) => {
    dragged = target === scroller;
  });
  on('pointermove', ({ buttons }) => {
    dragged &&= buttons !== 0;
  });

  // The list library corrects by this call, and only by it, from sizes that it learned late; corrected twice is moved.
  Object.defineProperty(scroller, 'scrollBy', { configurable: true, value: () => undefined });

  const grown = new ResizeObserver(hold);
  // Rows that are not drawn are padding of the list.
  for (const part of [scroller, ...scroller.querySelectorAll('[data-viewport-type] > *')])
    grown.observe(part, { box: 'border-box' });

  return {
    toEnd: () => follow(true),
    stay: () => follow(false),
    toRow(index) {
      follow(false);
      wanted = String(index);
      hold();
    },
    stop() {
      heard.abort();
      Reflect.deleteProperty(scroller, 'scrollBy');
      grown.disconnect();
    },
  };
}
