/** One line per event; an unexpected error brings its stack along. */

export function createLog(write, now = () => new Date()) {
  const line = (level, part, request, what) =>
    write(`${now().toISOString()} ${level.padEnd(5)} ${part} req=${request} ${what}\n`);
  return {
    info: (part, request, what) => line('INFO', part, request, what),
    warn: (part, request, error) => line('WARN', part, request, `${error.name}: ${error.message}`),
    error: (part, request, error, stack = false) =>
      line('ERROR', part, request, stack ? error.stack : `${error.name}: ${error.message}`),
  };
}
