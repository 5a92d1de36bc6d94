/** Text inside XML: every character that XML 1.0 has comes back as it was, the others become spaces. */

export function escapeXml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
  return legal(text).replace(/[&<>"\r]/g, (character) => named[character] ?? character);
}

export function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/** For names, which people read: one line. */
export function oneLine(text: string): string {
  return legal(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** Control characters and halves of surrogate pairs have no form in XML 1.0, not even an escaped one. */
function legal(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go.
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ');
}
