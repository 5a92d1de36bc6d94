/** Wires the product to this machine; the only place that knows both. */
import type { Compose } from './host-process.ts';

export const compose: Compose = async () => {
  throw new Error('not wired');
};
