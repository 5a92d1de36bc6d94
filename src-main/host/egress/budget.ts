/** How much of the network one run may still use; the count goes on when its sandbox is started anew. */
import { Transform } from 'node:stream';

export interface Budget {
  /** Takes one request; false: there is none left. */
  request(): boolean;
  /** Takes bytes, either way; false from the moment at which they were too many. */
  bytes(count: number): boolean;
  readonly exhausted: boolean;
}

export function createBudget(limit: { bytes: number; requests: number }): Budget {
  let { bytes, requests } = limit;
  return {
    request: () => requests-- > 0,
    bytes: (count) => {
      bytes -= count;
      return bytes >= 0;
    },
    get exhausted() {
      return bytes < 0;
    },
  };
}

/** Lets bytes through and counts them; an error ends the stream where the budget does. */
export function meter(budget: Budget, count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      if (budget.bytes(chunk.length)) done(null, chunk);
      else done(new Error('the budget is used up'));
    },
  });
}
