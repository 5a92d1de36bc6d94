/** Turns what a call can reject with into a Fault: the one converter at either end of every door. */
import { Fault, FaultData } from './faults.ts';

const gone = 'The Nightshift host closed the connection.';
const retry = 'Try again; a new host starts by itself.';

/** The Fault that `error` is or carries, refused input included; undefined for anything that nobody planned. */
export function plannedFault(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  const { code, data } = fieldsOf(error);
  if (code === 'BAD_REQUEST') return inputFault(data, error);
  const parsed = code === 'FAULT' ? FaultData.safeParse(data) : undefined;
  return parsed?.success ? Fault.from(parsed.data) : undefined;
}

/** What a bug looks like to everybody but the log. */
export function bugFault(cause: unknown): Fault {
  return new Fault('internal', 'Something went wrong inside Nightshift.', {
    cure: 'See host.log in the data directory; `nightshift host status` names it.',
    cause,
  });
}

/** On the client's side. In: anything thrown by a call. Out: always a Fault; a broken connection is `host.unreachable`. */
export function toFault(error: unknown): Fault {
  const planned = plannedFault(error);
  if (planned) return planned;
  const { code, name, message } = fieldsOf(error);
  if (code === 'NOT_FOUND')
    return new Fault('unsupported', 'The running host does not know this request: its version is another one.', {
      cure: 'Run `nightshift host stop`, then try again.',
      cause: error,
    });
  if (name === 'AbortError' || /WebSocket is not open|\[AsyncIdQueue\]/.test(String(message)))
    return new Fault('host.unreachable', gone, { cure: retry, cause: error });
  return bugFault(error);
}

interface Link<O> {
  call(path: readonly string[], input: unknown, options: O): Promise<unknown>;
}

/**
 * A client link whose calls and event streams fail with Faults only, and at once when the connection is gone. A call
 * that its caller aborted rejects with the caller's own reason.
 */
export function faultLink<O extends { signal?: AbortSignal | undefined }>(
  link: Link<O>,
  isOpen: () => boolean,
): Link<O> {
  return {
    async call(path, input, options) {
      const convert = (error: unknown) => (options.signal?.aborted ? error : toFault(error));
      if (!isOpen()) throw new Fault('host.unreachable', gone, { cure: retry });
      try {
        const output = await link.call(path, input, options);
        return isStream(output) ? withFaults(output, convert) : output;
      } catch (error) {
        throw convert(error);
      }
    },
  };
}

function withFaults(
  stream: AsyncIterator<unknown>,
  convert: (error: unknown) => unknown,
): AsyncIterableIterator<unknown> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      stream.next().catch((error: unknown) => {
        throw convert(error);
      }),
    return: async (value) => (await stream.return?.(value)) ?? { done: true, value },
  };
}

function isStream(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value;
}

interface Issue {
  code?: unknown;
  message?: unknown;
  path?: unknown;
  keys?: unknown;
  origin?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  values?: unknown;
}

/** A whole id that cannot be one is an id that nothing has. */
const lists: Record<string, string> = {
  ...{ routine: 'routines', run: 'runs', proposal: 'proposals', question: 'questions', grant: 'grants' },
};
/** What to do about a field whose schema, being the library's own, cannot say it. */
const cures: Record<string, string> = {
  url: 'Give an http or https address such as http://127.0.0.1:8080, or `default`.',
  key: 'Copy the key anew, whole and on one line.',
};

function inputFault(data: unknown, cause: unknown): Fault {
  const { issues } = fieldsOf(data) as { issues?: unknown };
  const first: Issue = Array.isArray(issues) ? (fieldsOf(issues[0]) as Issue) : {};
  const path = Array.isArray(first.path) ? first.path.map(segment) : [];
  const unknownKey = Array.isArray(first.keys) ? first.keys.slice(0, 1).map(String) : [];
  const field = [...path, ...unknownKey].join('.');
  const list = path.length === 1 ? lists[field] : undefined;
  if (list && first.code === 'invalid_format')
    return new Fault('not_found', `There is no ${field} with such an id.`, {
      field,
      cure: `See \`nightshift ${list} list\`.`,
      cause,
    });
  return new Fault('input', `${field || 'The request'} ${whatIsWrong(first)}.`, {
    ...(field && { field }),
    cure: cures[field] ?? cureOf(first),
    cause,
  });
}

/** A predicate, for a sentence that begins with the field. */
function whatIsWrong({ code, origin, minimum }: Issue): string {
  const isText = origin === 'string';
  switch (code) {
    case 'too_small':
      if (isText || origin === 'array') return Number(minimum) > 1 ? 'is too short' : 'is empty';
      return 'is too small';
    case 'too_big':
      return isText || origin === 'array' ? 'is too long' : 'is too large';
    case 'invalid_type':
      return 'is missing or of another kind';
    case 'invalid_value':
      return 'is none of the choices';
    case 'unrecognized_keys':
      return 'is not known here';
    default:
      return 'is not written as it must be';
  }
}

/** Our own schemas say what to do, as a phrase in lower case; the library's words begin with a capital and do not. */
function cureOf({ code, message, minimum, maximum, values }: Issue): string {
  if (typeof message === 'string' && /^[a-z]/.test(message)) return `${message[0]?.toUpperCase()}${message.slice(1)}.`;
  if (code === 'too_small') return `Use at least ${minimum}.`;
  if (code === 'too_big') return `Use at most ${maximum}.`;
  if (code === 'invalid_value' && Array.isArray(values)) return `Use one of: ${values.join(', ')}.`;
  if (code === 'unrecognized_keys') return 'Leave it out.';
  return 'Correct it, then try again.';
}

/** A path segment is a key, or an object that holds one. */
function segment(value: unknown): string {
  return String(typeof value === 'object' && value !== null && 'key' in value ? value.key : value);
}

function fieldsOf(value: unknown): Record<'code' | 'data' | 'name' | 'message', unknown> {
  return (typeof value === 'object' && value !== null ? value : {}) as never;
}
