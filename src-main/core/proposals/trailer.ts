/** The line in a commit that names a place in the audit chain: from then on the repository bears witness, too. */
import type { Audit } from '#core/ports.ts';

/** `Nightshift-Audit: <run> <record> <hash>`, or nothing where no chain is kept. */
export async function auditTrailer(audit: Audit | undefined, run: string): Promise<string[]> {
  const seal = await audit?.seal(run);
  return seal ? [`Nightshift-Audit: ${seal.run} ${seal.seq} ${seal.hash}`] : [];
}
