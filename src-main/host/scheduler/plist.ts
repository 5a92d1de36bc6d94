/** Writes an Apple property list of the few kinds of values that launchd agents need. */
import { escapeXml } from './xml-text.ts';

export type PlistValue = string | number | boolean | PlistValue[] | { [key: string]: PlistValue };

/** Throws RangeError for a number that is not whole: launchd takes integers only. */
export function plist(value: PlistValue): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    ...lines(value),
    '</plist>',
    '',
  ].join('\n');
}

function lines(value: PlistValue): string[] {
  if (typeof value === 'boolean') return [`<${value}/>`];
  if (typeof value === 'string') return [`<string>${escapeXml(value)}</string>`];
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError('a property list here holds whole numbers only');
    return [`<integer>${value}</integer>`];
  }
  if (Array.isArray(value)) return ['<array>', ...value.flatMap((item) => indented(lines(item))), '</array>'];
  const entries = Object.entries(value).flatMap(([key, item]) =>
    indented([`<key>${escapeXml(key)}</key>`, ...lines(item)]),
  );
  return ['<dict>', ...entries, '</dict>'];
}

const indented = (list: string[]) => list.map((line) => `\t${line}`);
