/** The host and the machine below it, as a person wants to see them. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { Price } from './prices.ts';
import { AccountLimits } from './weather.ts';

export const rehearsalNotice = 'Rehearsal: recorded answers, no AI';

/** Which model answers, and from where its key comes. Never the key. */
export const ModelStatus = z.object({
  /** What `auto` means right now. */
  auto: z.string(),
  rehearsal: z.boolean(),
  key: z.enum(['environment', 'keychain', 'passphrase_file', 'none']),
  /** One sentence, with the cure where something is missing. */
  detail: z.string(),
  baseUrl: z.string().nullable(),
  /** What a person said that models cost, by id. */
  ownPrices: z.record(z.string(), Price).optional(),
  /** A fingerprint of address and key. Absent: no real model can be asked. */
  account: z.string().optional(),
  /** What the account last said that it allows, the newest first. */
  limits: z.array(AccountLimits).optional(),
});
export type ModelStatus = z.infer<typeof ModelStatus>;

export const HostStatus = z.object({
  version: z.string(),
  pid: z.int(),
  startedAt: Instant,
  dataDirectory: z.string(),
  activeRuns: z.int().min(0),
  clients: z.int().min(0),
  openProposals: z.int().min(0),
  model: ModelStatus,
  /** Highest committed event sequence number; 0 when there is none. */
  seq: z.int().min(0),
});
export type HostStatus = z.infer<typeof HostStatus>;

export const DoctorCheck = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed']),
  detail: z.string(),
  /** What the check looked at, one phrase each, where that is many things. */
  items: z.array(z.string()).optional(),
  cure: z.string().optional(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;
