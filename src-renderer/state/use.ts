/** How components read the store and call the host. */
import { createContext, use, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { ApiClient } from '#contract/api.ts';
import type { FaultData } from '#contract/faults.ts';
import type { PauseAll } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { asFault } from '#link/fault.ts';
import type { State } from './model.ts';
import type { Host } from './store.ts';

export const HostContext = createContext<Host | null>(null);

export function useHost(): Host {
  const host = use(HostContext);
  if (!host) throw new Error('A component was rendered outside of HostContext.');
  return host;
}

/** Renders again only when the selected value differs; arrays and objects are compared one level deep. */
export function useSelect<T>(select: (state: State) => T): T {
  return useStore(useHost().store, useShallow(select));
}

/** Names routines; one that is gone goes by its id. */
export function useNames(): (routine: string) => string {
  const routines = useSelect((state) => state.routines);
  return (routine) =>
    routines.find(({ id }) => id === routine)?.spec?.name ?? (routine === taskRoutine ? 'One-off task' : routine);
}

/** Names runs: tasks by what they were told, so that they can be told apart, others by their routine. */
export function useRunNames(): (run: Pick<Run, 'routine' | 'name'>) => string {
  const name = useNames();
  return (run) => run.name ?? name(run.routine);
}

export const useLive = (): boolean => useSelect((state) => state.phase.is === 'live');

/** All routines held back at `now`, in milliseconds since the epoch; null: they are not, or not any more. */
export function usePausedAll(now: number): PauseAll | null {
  const paused = useSelect((state) => state.pausedAll);
  return paused && (paused.until === null || new Date(paused.until).getTime() > now) ? paused : null;
}

export interface Action<A extends unknown[], T> {
  /** Resolves to undefined when it failed; `fault` then says why. */
  run(...args: A): Promise<T | undefined>;
  busy: boolean;
  fault: FaultData | null;
  clear(): void;
}

/** One call to the host with its progress and its failure, to be shown where it was asked for. */
export function useAction<A extends unknown[], T>(call: (client: ApiClient, ...args: A) => Promise<T>): Action<A, T> {
  const { link } = useHost();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultData | null>(null);
  const latest = useRef(call);
  latest.current = call;
  const run = useCallback(
    async (...args: A) => {
      setBusy(true);
      setFault(null);
      try {
        return await latest.current(link.client(), ...args);
      } catch (thrown) {
        setFault(asFault(thrown));
        return undefined;
      } finally {
        setBusy(false);
      }
    },
    [link],
  );
  const clear = useCallback(() => setFault(null), []);
  return { run, busy, fault, clear };
}

export type Answer<T> = { is: 'loading' } | { is: 'here'; value: T } | { is: 'failed'; fault: FaultData };

/** Asks once the link is live, and again whenever `key` changes or the link comes back. An answer stays until the next. */
export function useAnswer<T>(key: string, ask: (client: ApiClient) => Promise<T>): Answer<T> & { again(): void } {
  const { link } = useHost();
  const live = useLive();
  const [answer, setAnswer] = useState<{ key: string; answer: Answer<T> }>({ key, answer: { is: 'loading' } });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    if (!live) return;
    let current = true;
    const settle = (next: Answer<T>) => current && setAnswer({ key, answer: next });
    (async () => latest.current(link.client()))().then(
      (value) => settle({ is: 'here', value }),
      (thrown: unknown) => settle({ is: 'failed', fault: asFault(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [key, live, link, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return { ...(answer.key === key ? answer.answer : { is: 'loading' }), again };
}
