/** Runs one hook as a command in the hands of its run, with its question as JSON on the standard input. */
import type { Hands } from '#core/ports.ts';
import type { Ended } from './answer.ts';
import { type HookDefinition, quoted } from './definition.ts';

/** A file that a hook names, as a person trusted it. */
export interface TrustedScript {
  path: string;
  /** Hexadecimal. */
  sha256: string;
}

/** Bytes of each stream that count. */
const longest = 262_144;
/** No exit code of its own: what the guard in front of the command says. */
const changedCode = 87;
const changedMark = 'nightshift: changed since it was trusted';

/** Never rejects but with the reason of `signal`. `environment`: variables by name. */
export async function runHook(
  hands: Pick<Hands, 'call'>,
  hook: HookDefinition,
  question: unknown,
  {
    scripts,
    environment,
    signal,
  }: { scripts: readonly TrustedScript[]; environment: Record<string, string>; signal: AbortSignal },
): Promise<Ended> {
  const out = collector();
  const err = collector();
  const variables = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const own =
    hook.layer === 'project' || hook.layer === 'local' ? scripts.filter(({ path }) => hook.command.includes(path)) : [];
  const input = {
    command: `${guard(own)}${variables.join('')}${hook.command}`,
    timeout: Math.max(1, Math.round(hook.timeout * 1000)),
    stdin: `${JSON.stringify(question)}\n`,
  };
  const ended = (outcome: Ended['outcome'], exitCode: number | null, milliseconds: number, more = ''): Ended => ({
    ...{ outcome, exitCode, milliseconds, out: out.text(), err: err.text() || more },
  });
  try {
    const {
      code,
      exitCode = null,
      milliseconds,
      text,
    } = await hands.call('Bash', input, signal, (stream, chunk) => (stream === 'out' ? out : err).push(chunk));
    signal.throwIfAborted();
    if (code === 'tool.timeout') return ended('timed_out', null, milliseconds);
    if (code === 'tool.output_limit') return ended('too_long', null, milliseconds);
    if (exitCode === changedCode && err.text().includes(changedMark)) return ended('changed', null, milliseconds);
    if (exitCode === 0) return ended(out.full() ? 'too_long' : 'ok', 0, milliseconds);
    if (exitCode === 126 || exitCode === 127) return ended('missing', exitCode, milliseconds);
    return ended('failed', exitCode, milliseconds, text);
  } catch (error) {
    signal.throwIfAborted();
    return ended('failed', null, 0, (error as Error).message);
  }
}

/** Compared inside, where the run may have changed them. */
function guard(scripts: readonly TrustedScript[]): string {
  if (scripts.length === 0) return '';
  const sums = scripts.map(({ path, sha256 }) => `${sha256}  ${path}`).join('\n');
  const check = (program: string) => `printf '%s\\n' ${quoted(sums)} | ${program} -c --status - 2>/dev/null`;
  return `${check('sha256sum')} || ${check('shasum -a 256')} || { echo ${quoted(changedMark)} >&2; exit ${changedCode}; }\n`;
}

function collector() {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    push(chunk: Uint8Array) {
      if (size < longest) chunks.push(chunk.subarray(0, longest - size));
      size += chunk.length;
    },
    full: () => size > longest,
    text: () => new TextDecoder().decode(Buffer.concat(chunks)),
  };
}
