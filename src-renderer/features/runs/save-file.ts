/** Gives a person a text as a file of theirs. */

/** Only a link that is pressed makes a browser save what the page holds. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read by then; what is kept longer stays until the page goes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
