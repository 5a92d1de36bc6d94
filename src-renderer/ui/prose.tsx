/** A sentence of the host's, in which commands stand between backticks. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence keep their order
      <code key={index}>{part}</code>
    ) : (
      part
    ),
  );
}
