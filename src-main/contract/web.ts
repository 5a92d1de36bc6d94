/** What the model's own address may look up on the web for a run, and what it did. */
import { z } from 'zod';
import { RunId } from './ledger.ts';

/** One way to the web. `allowed` null: everywhere but at `blocked`. Domains mean their subdomains, too. */
const WebReach = z.object({ allowed: z.array(z.string()).nullable(), blocked: z.array(z.string()) });
export type WebReach = z.infer<typeof WebReach>;

/** Null: not that way. */
export const WebOffer = z.object({ search: WebReach.nullable(), fetch: WebReach.nullable() });
export type WebOffer = z.infer<typeof WebOffer>;

/** In the words of permission rules. */
export const WebTool = z.enum(['WebSearch', 'WebFetch']);
export type WebTool = z.infer<typeof WebTool>;

/** A page that came up, or was read. */
export const WebSource = z.object({ url: z.string(), title: z.string() });
export type WebSource = z.infer<typeof WebSource>;

/**
 * The event `tools.offered`: what the model is offered from here on beside its usual tools. `strict`: inputs of tools are
 * bound to their schemas. `problems`: what the routine wants and does not get, each with the reason.
 */
export const ToolsOffered = z.object({
  run: RunId,
  strict: z.boolean(),
  web: WebOffer.nullable(),
  problems: z.array(z.string()),
  /** The API refused the schemas, in its words. Absent: it did not. */
  refused: z.string().optional(),
});

/** The event `web.used`: the model's own address has looked something up on the web. */
export const WebUsed = z.object({
  run: RunId,
  turn: z.int().min(1),
  call: z.string(),
  tool: WebTool,
  input: z.unknown(),
  ok: z.boolean(),
  /** Why not, in the API's word; null when it went well. */
  code: z.string().nullable(),
  sources: z.array(WebSource),
  /** What the agent is told of it next, because it spoke to the agent. Absent: nothing. */
  warning: z.string().optional(),
});

/** What a routine may look up, each choice in one word. */
export const webWays = { off: [], search: ['search'], fetch: ['fetch'], both: ['search', 'fetch'] } as const;
export type WebWay = keyof typeof webWays;
