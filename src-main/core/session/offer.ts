/** What a request offers the model of tools, and what becomes of that on the way. */
import type { Fault } from '#contract/faults.ts';
import type { ModelRequest } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { apiTools } from '#core/tools/toolbox.ts';
import type { History } from './conversation.ts';

export type Offered = Pick<ModelRequest, 'tools' | 'strict' | 'web'>;

/** The same for every request until an event says otherwise: all of it is part of the cached prefix. */
export function offeredTools(history: Readonly<History>): Offered {
  const { strict, web } = history.offer;
  return { tools: apiTools(history), ...(strict ? { strict } : {}), ...(web ? { web } : {}) };
}

interface Parts {
  store: Store;
  run: string;
}

/** Throws `error` itself where the schemas were not bound anyway. */
export function withoutStrict({ store, run }: Parts, { offer }: Readonly<History>, error: Fault): void {
  if (!offer.strict) throw error;
  const problems = ['The API refuses the schemas of the tools, so inputs are checked after they have come.'];
  store.commit((writer) =>
    writer.append({ type: 'tools.offered', run, strict: false, web: offer.web, problems, refused: error.message }),
  );
}

const closing = {
  /** What has spoken to the agent from outside could be carried on in what is searched for. */
  tainted: 'Something that came from outside spoke to the agent: the web is closed to the rest of the run.',
  /** Every look-up reads the prompt again, and nothing says that it comes from the cache then. */
  money:
    'What an answer may cost that looks something up does not fit under the cap any more: the web is closed to the rest of the run.',
};

export function closeWeb({ store, run }: Parts, { offer }: Readonly<History>, why: keyof typeof closing): void {
  const problems = [closing[why]];
  store.commit((writer) => writer.append({ type: 'tools.offered', run, strict: offer.strict, web: null, problems }));
}
