/** What not every model can do: how a request asks for it, and how a model says that it can. */
import type { WebOffer } from '#contract/web.ts';

/** The part of a request that only some addresses take. */
export interface Asked {
  /** What is sent is kept in the prompt cache for an hour instead of five minutes. */
  hour?: boolean;
  /** The answer is to be JSON of this schema; only where `ResolvedModel.structured` says that it can. */
  format?: { schema: Readonly<Record<string, unknown>> };
  /** Inputs of tools are to keep to their schemas; as for `format`. */
  strict?: boolean;
  /** What the address itself looks up on the web. */
  web?: WebOffer;
}

/** The part of a model that only some addresses tell. */
export interface Abilities {
  /** Tokens of an answer at most. Absent: not known. */
  maxAnswer?: number;
  /** Its answers, and inputs of its tools, can be bound to a schema. False again once it has refused one. Absent: never. */
  structured?(): boolean;
  /** Absent: nobody says. */
  seesImages?: boolean;
  /** What its address looks up on the web for it. Asks the address where that is not known. Never throws. Absent: nothing. */
  web?(): Promise<{ search: boolean; fetch: boolean }>;
}
