/** Addresses that other programs may open: a screen of the page, named exactly, or nothing. */
export const linkScheme = 'nightshift';

const screens = /^nightshift:\/\/(?:(today)|(routines|runs|proposals|settings)(?:\/([a-z0-9][a-z0-9-]{0,63}))?)\/?$/;

/** The page's path for a link such as `nightshift://proposals/prop-…`; null when it names no screen. */
export function routeOf(link: string): string | null {
  const match = screens.exec(link);
  if (!match) return null;
  const [, today, noun, id] = match;
  if (today) return '/';
  return id ? `/${noun}/${id}` : `/${noun}`;
}

/** The first link among a program's arguments that names a screen. */
export function routeIn(argv: string[]): string | null {
  for (const argument of argv) {
    const route = routeOf(argument);
    if (route) return route;
  }
  return null;
}
