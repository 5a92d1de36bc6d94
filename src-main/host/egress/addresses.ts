/** Which addresses a run's traffic may go to: only those of the public internet, and never this machine's own. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

/** All addresses of a name, in order of preference. Rejects when it has none. */
export type Resolve = (host: string) => Promise<string[]>;

/** The system's own resolver, hosts file included. */
export const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Public addresses by number that are a cloud's own: Azure's wire server answers only to the machine itself. */
const metadata = ['168.63.129.16'];

/** `own`: addresses of this machine. Everything that is not plainly public counts as not. */
export function isPublic(address: string, own: readonly string[] = ownAddresses()): boolean {
  if (!ipaddr.isValid(address)) return false;
  const plain = ipaddr.process(address);
  return plain.range() === 'unicast' && !metadata.includes(plain.toString()) && !own.includes(plain.toString());
}

/** What not even a person can name: no host has it, or it hands out a machine's credentials. */
export function refusedByHand(address: string): boolean {
  const plain = ipaddr.process(address);
  const ranges = ['unspecified', 'broadcast', 'multicast', 'linkLocal'];
  // Amazon's and Alibaba's other doors to the same credentials.
  const doors = [...metadata, 'fd00:ec2::254', '100.100.100.200'].map((door) => ipaddr.process(door).toString());
  return ranges.includes(plain.range()) || doors.includes(plain.toString());
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => ipaddr.process(address).toString()),
  );
}
