/** Whether each request of a conversation extends the one before, byte by byte. */
import type { Received } from './messages-server.ts';

/** As JSON and without the marks for the cache, which move along and are no part of what is said. */
function bare(value: unknown): string {
  return JSON.stringify(value, (key, inner) => (key === 'cache_control' ? undefined : inner));
}

/** What is wrong, one line each; nothing where each later request begins with all that an earlier one said. */
export function brokenPrefixes(requests: readonly Received[]): string[] {
  const said = requests.map(({ body }) => ({
    frame: bare([body.model, body.system, body.tools]),
    messages: body.messages.map(bare),
  }));
  return said.flatMap((now, at) => {
    const before = said[at - 1];
    if (!before) return [];
    const wrong: string[] = [];
    if (before.frame !== now.frame) wrong.push(`request ${at}: another model, system prompt or list of tools`);
    const changed = before.messages.findIndex((message, place) => message !== now.messages[place]);
    if (changed >= 0)
      wrong.push(`request ${at}: message ${changed} was ${before.messages[changed]}, is ${now.messages[changed]}`);
    return wrong;
  });
}
