/** Looks through a session that came as a file: nobody here has seen what stands in it, and it may not say what was found there. */
import { setImmediate as others } from 'node:timers/promises';
import type { Draft, Event } from '#contract/events.ts';
import { certain, findInjection } from '#core/permissions/injection.ts';
import { taintFrom, taintsAmong } from '#core/talk/passed-on.ts';

/** Characters that are looked at in one go; a sign that lies across two of them is in both. */
const [piece, overlap] = [200_000, 2_000];

/** As its events tell it, or else the first that what was told or brought to the agent says by itself. `run`: that of the file. */
export async function taintsIn(events: readonly Event[], run: string): Promise<Draft[]> {
  const told = taintsAmong(events, () => true);
  if (told.length > 0) return told;
  for (const { call, text } of events.flatMap(broughtBy)) {
    // It can be a lot, and a host has more to do.
    await others();
    for (let at = 0; at < text.length; at += piece) {
      const found = findInjection(text.slice(at, at + piece + overlap));
      if (!found || found.score < certain) continue;
      return [taintFrom({ run, call, sign: found.sign, excerpt: found.excerpt }, call)];
    }
  }
  return [];
}

interface Brought {
  call: string;
  text: string;
}

/** What is no word of the agent itself. */
function broughtBy(event: Event): Brought[] {
  switch (event.type) {
    case 'tool.finished':
      return [{ call: event.call, text: event.text }];
    case 'message.added':
    case 'instructions.loaded':
    case 'skill.handed_over':
    case 'history.compacted':
      return [{ call: event.type, text: event.text }];
    case 'message.finished':
      return event.content.filter(({ type }) => type.endsWith('_tool_result')).map(inBlock);
    case 'history.inherited':
      return event.messages.flatMap(({ role, content }) =>
        content.filter(({ type }) => role === 'user' || type.endsWith('_tool_result')).map(inBlock),
      );
    default:
      return [];
  }
}

function inBlock(block: { type: string; [more: string]: unknown }): Brought {
  return { call: typeof block.tool_use_id === 'string' ? block.tool_use_id : block.type, text: textsIn(block) };
}

/** Every text of it, however deep; what is sealed or an image says nothing. */
function textsIn(block: unknown): string {
  const texts: string[] = [];
  const open: unknown[] = [block];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) for (const each of value.toReversed()) open.push(each);
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value).reverse())
        if (name !== 'encrypted_content' && !(name === 'data' && 'media_type' in value && isImage(value)))
          open.push(each);
  }
  return texts.join('\n');
}

const isImage = ({ media_type }: { media_type: unknown }) =>
  typeof media_type === 'string' && !/^text\//.test(media_type);

/** The same, with everything that was looked up on the web as looked through: an older file does not have these events. */
export function asLookedThrough(events: readonly Event[]): Event[] {
  const known = new Set(events.flatMap((event) => (event.type === 'web.used' ? [event.call] : [])));
  return events.flatMap((event): Event[] => {
    if (event.type !== 'message.finished') return [event];
    const { run, turn, seq, at, agent } = event;
    const found = event.content.filter(({ type }) => type.endsWith('_tool_result')).map(inBlock);
    const used = found
      .filter(({ call }) => !known.has(call))
      .map(
        ({ call }): Event => ({
          ...{ type: 'web.used', run, turn, call, tool: 'WebSearch', input: {}, ok: true, code: null, sources: [] },
          ...{ seq, at, ...(agent === undefined ? {} : { agent }) },
        }),
      );
    return [event, ...used];
  });
}
