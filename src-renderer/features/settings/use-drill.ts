/** A drill as it goes: what was begun, what came of it, and the way to end it before its time. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DrillFault, DrillItem, DrillResult } from '#contract/drill.ts';
import type { FaultData } from '#contract/faults.ts';
import { asFault } from '#link/fault.ts';
import { useHost } from '#state/use.ts';

/** `stopped`: it was going on when the drill was ended. */
export type Line =
  | { fault: DrillFault; done: string; state: 'running' | 'stopped' }
  | { fault: DrillFault; done: string; state: DrillResult['state']; result: DrillResult };

export interface DrillView {
  is: 'never' | 'running' | 'over' | 'stopped' | 'broken';
  lines: readonly Line[];
  /** Why it broke off. */
  fault: FaultData | null;
}

export function useDrill(): DrillView & { begin(): void; stop(): void } {
  const { link } = useHost();
  const [view, setView] = useState<DrillView>({ is: 'never', lines: [], fault: null });
  const going = useRef<AbortController | null>(null);
  const end = useCallback((is: DrillView['is'], fault: FaultData | null = null) => {
    setView(({ lines }) => ({
      is,
      fault,
      lines: lines.map((line) => (line.state === 'running' ? { ...line, state: 'stopped' as const } : line)),
    }));
  }, []);
  const begin = useCallback(() => {
    const control = new AbortController();
    going.current = control;
    setView({ is: 'running', lines: [], fault: null });
    const follow = async () => {
      const items = await link.client().drill.run(undefined, { signal: control.signal });
      for await (const item of items) {
        if (control.signal.aborted) return;
        setView((before) => ({ ...before, lines: taken(before.lines, item) }));
      }
    };
    follow().then(
      () => control.signal.aborted || end('over'),
      (thrown: unknown) => control.signal.aborted || end('broken', asFault(thrown)),
    );
  }, [link, end]);
  const stop = useCallback(() => {
    going.current?.abort();
    end('stopped');
  }, [end]);
  // Who leaves the screen ends it: nothing goes on that nobody sees.
  useEffect(() => () => going.current?.abort(), []);
  return { ...view, begin, stop };
}

function taken(lines: readonly Line[], item: DrillItem): readonly Line[] {
  if (item.kind === 'began') return [...lines, { fault: item.fault, done: item.done, state: 'running' }];
  const { result } = item;
  const line: Line = { fault: result.fault, done: result.done, state: result.state, result };
  const open = lines.findIndex(({ fault, state }) => fault === result.fault && state === 'running');
  return open < 0 ? [...lines, line] : lines.with(open, line);
}
