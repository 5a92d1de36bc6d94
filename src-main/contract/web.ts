/** What the model's own address may look up on the web for a run, and what it did. */
import { z } from 'zod';

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

/** What a routine may look up, each choice in one word. */
export const webWays = { off: [], search: ['search'], fetch: ['fetch'], both: ['search', 'fetch'] } as const;
export type WebWay = keyof typeof webWays;
