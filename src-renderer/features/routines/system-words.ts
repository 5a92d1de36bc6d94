/** What the operating system under this page can do for a routine. The page comes from its own machine only. */
interface SystemWords {
  wake: string;
  keepAwake: string;
}

export function systemWords(agent: string): SystemWords {
  if (/Windows/.test(agent))
    return {
      wake: 'Windows wakes a sleeping machine where its power options allow wake timers.',
      keepAwake: 'On Windows this is not held: it may sleep by its own settings.',
    };
  if (/Macintosh|Mac OS X/.test(agent))
    return {
      wake: 'macOS lets no user’s job wake a sleeping machine. It takes root: `pmset schedule wake`.',
      keepAwake: 'macOS is asked with `caffeinate`, for as long as the run works.',
    };
  return {
    wake: 'Linux lets no user’s timer wake a sleeping machine. It takes root: `rtcwake` a minute before.',
    keepAwake: 'Linux is asked with `systemd-inhibit`, for as long as the run works.',
  };
}
