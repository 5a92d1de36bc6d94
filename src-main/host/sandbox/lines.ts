/** Cuts a byte stream into lines at newlines only, with a bound: Node's own reader also cuts at U+2028, which JSON may hold. */
export type LineSplitter = (chunk: Buffer) => void;

/** `onLine` gets each line without its newline; `onOverflow` is called once when a line exceeds `limit` bytes, then nothing more. */
export function splitLines(limit: number, onLine: (line: string) => void, onOverflow: () => void): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let broken = false;
  return (chunk) => {
    let rest = chunk;
    while (!broken && rest.length > 0) {
      const end = rest.indexOf(10);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      parts.push(piece);
      size += piece.length;
      if (size > limit) {
        broken = true;
        parts = [];
        onOverflow();
        return;
      }
      if (end < 0) return;
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
  };
}
