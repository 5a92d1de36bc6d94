/** Reads the machine's own zone files (RFC 9636), to see whether the OS changes clocks when the runtime thinks it does. */

export interface ZoneFile {
  /** Instants at which the offset may change, milliseconds since the epoch, oldest first. */
  changes: number[];
  /** Minutes east of UTC, rounded; null where the file only has a rule for it. */
  offsetAt(instant: number): number | null;
}

const header = 44;

/** Null for anything that is no zone file of version 2 or later. */
export function readZoneFile(bytes: Buffer): ZoneFile | null {
  if (bytes.length < header || bytes.toString('latin1', 0, 4) !== 'TZif' || bytes[4] === 0) return null;
  try {
    // The first block is for readers of 32 bits.
    const old = counts(bytes, 0);
    return body(bytes, header + old.times * 5 + old.types * 6 + old.letters + old.leaps * 8 + old.flags);
  } catch {
    return null;
  }
}

function counts(bytes: Buffer, at: number) {
  const [utc = 0, wall = 0, leaps = 0, times = 0, types = 0, letters = 0] = [20, 24, 28, 32, 36, 40].map((offset) =>
    bytes.readUInt32BE(at + offset),
  );
  return { flags: utc + wall, leaps, times, types, letters };
}

function body(bytes: Buffer, start: number): ZoneFile {
  const { flags, leaps, times, types, letters } = counts(bytes, start);
  const first = start + header;
  const kinds = first + times * 8;
  const table = kinds + times;
  const rule = bytes.toString('latin1', table + types * 6 + letters + leaps * 12 + flags).trim();
  const changes = Array.from({ length: times }, (_, i) => Number(bytes.readBigInt64BE(first + i * 8)) * 1000);
  const offsetOf = (kind: number) => Math.round(bytes.readInt32BE(table + kind * 6) / 60);
  const offsets = changes.map((_, i) => offsetOf(bytes.readUInt8(kinds + i)));
  return {
    changes,
    offsetAt(instant) {
      const index = changes.findLastIndex((change) => change <= instant);
      // After the last change a rule may go on changing clocks for ever.
      if (index === changes.length - 1 && rule.includes(',')) return null;
      return index < 0 ? offsetOf(0) : (offsets[index] ?? 0);
    },
  };
}
