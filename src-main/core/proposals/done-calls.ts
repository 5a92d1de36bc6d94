/** A run's finished tool calls in short, as far as they can be evidence: what the agent merely reported is its word. */
import type { ShownCall } from '#contract/claims.ts';
import type { Event } from '#contract/events.ts';
import { describeCall } from '#contract/state.ts';
import { toolbox } from '#core/tools/toolbox.ts';

export interface DoneCall extends Omit<ShownCall, 'by'> {
  /** Of a shell, white space made one. */
  command: string | null;
  /** Of a file tool, as the agent gave it. */
  path: string | null;
}

/** Characters. */
const [longestTarget, longestExcerpt] = [300, 300];

const reports: ReadonlySet<string> = new Set(toolbox.flatMap((tool) => (tool.class === 'report' ? [tool.name] : [])));

/** `events`: of one run, oldest first; so are the calls. */
export function doneCalls(events: readonly Event[]): DoneCall[] {
  const started = new Map<string, Extract<Event, { type: 'tool.started' }>>();
  const done: DoneCall[] = [];
  for (const event of events) {
    if (event.type === 'tool.started') started.set(event.call, event);
    if (event.type !== 'tool.finished') continue;
    const begun = started.get(event.call);
    if (!begun || reports.has(begun.name)) continue;
    if (event.ok && event.view.kind === 'diff') for (const earlier of done) earlier.changedSince = true;
    done.push(shortened(begun, event));
  }
  return done;
}

function shortened(
  { name, input, call }: Extract<Event, { type: 'tool.started' }>,
  { ok, view, text }: Extract<Event, { type: 'tool.finished' }>,
): DoneCall {
  const { command, file_path: file, path, pattern } = (input ?? {}) as Record<string, unknown>;
  const target = [command, file, pattern].find((one) => typeof one === 'string');
  return {
    call,
    tool: name,
    target: (target ?? describeCall(name, input).slice(name.length)).trim().slice(0, longestTarget),
    ok,
    exitCode: view.kind === 'terminal' ? view.exitCode : null,
    excerpt:
      view.kind === 'diff'
        ? lines(view.patch)
        : (view.kind === 'terminal' ? view.output : text).trimEnd().slice(-longestExcerpt),
    changedSince: false,
    command: typeof command === 'string' ? flat(command) : null,
    path: [file, path].find((one): one is string => typeof one === 'string') ?? null,
  };
}

function lines(patch: string): string {
  const changes = patch.split('\n').filter((line) => !/^(\+\+\+|---)/.test(line));
  const [added, removed] = ['+', '-'].map((sign) => changes.filter((line) => line.startsWith(sign)).length);
  return `+${added} −${removed}`;
}

export const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
