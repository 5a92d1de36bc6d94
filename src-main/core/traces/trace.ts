/** A run's events, folded into spans: what took how long, inside what, and what it used. */
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Usage } from '#contract/runs.ts';
import type { Span, Trace } from '#contract/traces.ts';
import { createSpeakers, type Loose, placed, type Within } from './within.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;
type Attributes = Span['attributes'];

/** `events`: all of one run, oldest first. Throws `not_found` when there are none. */
export function traceOf(run: string, events: readonly Event[]): Trace {
  const [first] = events;
  const last = events.at(-1);
  if (!first || !last) throw new Fault('not_found', `Nothing is on record of "${run}".`, { field: 'run' });
  const spans: Within[] = [];
  const open = new Map<string, Within>();

  /** `within` left out: the whole run. */
  const begin = (key: string, name: string, at: string, attributes: Attributes = {}, within = spans[0]) => {
    const span: Within = { name, start: at, end: last.at, within: within ?? null, error: null, attributes };
    spans.push(span);
    open.set(key, span);
    return span;
  };
  const finish = (key: string, at: string, more: Attributes = {}, error: string | null = null) => {
    const span = open.get(key);
    if (!span) return;
    open.delete(key);
    Object.assign(span.attributes, more);
    Object.assign(span, { end: at, error });
  };

  const note = (key: string, more: Attributes) => Object.assign(open.get(key)?.attributes ?? {}, more);

  const whole = begin('run', 'invoke_agent', first.at, {
    ...{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'anthropic', 'gen_ai.conversation.id': run },
  });
  const speakers = createSpeakers(whole);
  /** A subagent goes to work. */
  const go = (event: Of<'agent.started' | 'agent.continued'>, named: Pick<Span, 'name' | 'attributes'>) =>
    speakers.begun(
      event,
      begin(event.agent, named.name, event.at, { ...named.attributes }, speakers.outside(event.parent)),
    );
  /** Of the event before. */
  let before = first.at;
  for (const event of events) {
    // A run and each of its subagents speak at the same time.
    const whose = event.agent ?? '';
    const chat = `chat ${whose}`;
    const by: Attributes = event.agent === undefined ? {} : { 'gen_ai.agent.id': event.agent };
    const around = speakers.around(event.agent);
    const asks = speakers.asks(event.agent);
    switch (event.type) {
      case 'run.queued':
        whole.name = `invoke_agent ${event.routine}`;
        whole.attributes['gen_ai.agent.name'] = event.routine;
        begin('queue', 'queued', event.at);
        break;
      case 'run.started':
        finish('queue', event.at);
        Object.assign(whole.attributes, {
          'gen_ai.request.model': event.model,
          'nightshift.rehearsal': event.rehearsal,
        });
        begin('sandbox', 'start sandbox', event.at);
        break;
      case 'sandbox.ready':
        finish('sandbox', event.at);
        break;
      case 'turn.started':
        // An answer that is asked for again begins anew.
        finish(chat, event.at, {}, 'model.stream_broken');
        begin(
          ...([chat, `chat ${asks}`, event.at] as const),
          {
            ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': asks },
            ...{ 'nightshift.turn': event.turn, ...by },
          },
          around,
        );
        break;
      case 'model.retrying':
        note(chat, { 'nightshift.attempts': event.attempt + 1 });
        break;
      case 'message.finished':
        finish(chat, event.at, { ...paid(event), 'gen_ai.response.finish_reasons': [event.stopReason] });
        break;
      case 'answer.lost':
        finish(chat, event.at, paid(event), 'model.stream_broken');
        break;
      case 'agent.started':
        go(event, {
          name: `invoke_agent ${event.name}`,
          attributes: {
            ...{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'anthropic' },
            ...{ 'gen_ai.agent.name': event.name, 'gen_ai.request.model': event.model, ...by },
          },
        });
        break;
      case 'agent.continued':
        go(event, around);
        break;
      case 'agent.ended':
        finish(event.agent, event.at, {}, event.outcome === 'failed' ? (event.code ?? 'failed') : null);
        break;
      case 'side.answered':
        spans.push({ ...beside(event, asks), within: around });
        break;
      case 'history.compacted':
        spans.push({ ...summary(event, asks, before), within: around });
        break;
      case 'tool.started':
        speakers.called(
          event,
          begin(
            ...([`${whose}/${event.call}`, `execute_tool ${event.name}`, event.at] as const),
            {
              'gen_ai.operation.name': 'execute_tool',
              ...{ 'gen_ai.tool.name': event.name, 'gen_ai.tool.call.id': event.call },
              ...{ 'gen_ai.tool.type': 'function', ...by },
            },
            around,
          ),
        );
        break;
      case 'tool.finished':
        finish(`${whose}/${event.call}`, event.at, {}, event.ok ? null : (event.code ?? 'tool.failed'));
        break;
      case 'run.parked':
        begin('parked', 'wait for a person', event.at);
        break;
      case 'run.held':
        begin('waiting', 'wait for a limit', event.at);
        break;
      case 'run.waiting':
        begin('waiting', 'wait for a loop', event.at);
        break;
      case 'run.resumed':
        whole.end = last.at;
        finish('parked', event.at);
        finish('waiting', event.at);
        break;
      case 'loop.fired':
        finish('waiting', event.at);
        break;
      case 'turn.interrupted':
        finish('waiting', event.at);
        finish('chat', event.at, {}, 'run.interrupted');
        break;
      case 'checks.finished':
        spans.push(...checked(event).map((span) => ({ ...span, within: whole })));
        break;
      case 'run.ended':
        whole.attributes['nightshift.outcome'] = event.outcome;
        finish('run', event.at, {}, event.outcome === 'failed' ? (event.reason?.code ?? 'failed') : null);
        open.set('run', whole);
        break;
      default:
    }
    before = event.at;
  }
  return { run, spans: placed(spans) };
}

const asked = (model: string) => ({
  ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': model },
});

/** A question beside the conversation; one of an earlier version is known by its end alone. */
function beside(event: Of<'side.answered'>, own: string): Loose {
  const { at, purpose, answer, model = own, milliseconds = 0 } = event;
  return {
    ...{ name: `chat ${model}`, error: answer || event.model === undefined ? null : 'model.stream_broken' },
    ...{ start: new Date(Date.parse(at) - milliseconds).toISOString(), end: at },
    attributes: {
      ...{ ...asked(model), 'nightshift.purpose': purpose, ...paid(event) },
      ...(answer ? { 'gen_ai.response.finish_reasons': [answer.stopReason] } : {}),
    },
  };
}

/** Nothing else happens while a summary is asked for. */
function summary(event: Of<'history.compacted'>, model: string, start: string): Loose {
  const attributes = { ...asked(model), 'nightshift.purpose': 'compaction', ...paid(event) };
  return { name: `chat ${model}`, error: null, start, end: event.at, attributes };
}

function paid({ usage, costMicros }: { usage: Usage; costMicros: number }): Attributes {
  const { input, output, cacheRead, cacheWrite } = usage;
  return {
    // By the conventions, tokens from the cache are input tokens, too.
    'gen_ai.usage.input_tokens': input + cacheRead + cacheWrite,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
    'nightshift.cost.usd': costMicros / 1e6,
  };
}

/** A round is recorded when it is over; how long each check took is part of it. */
function checked({ phase, round, at }: Of<'checks.finished'>): Loose[] {
  const spans: Loose[] = [];
  let end = Date.parse(at);
  for (const { passed, exitCode, milliseconds } of round.results.toReversed()) {
    const start = end - milliseconds;
    spans.push({
      ...{ name: `check ${phase}`, error: passed ? null : 'check.failed' },
      ...{ start: new Date(start).toISOString(), end: new Date(end).toISOString() },
      attributes: exitCode === null ? {} : { 'process.exit.code': exitCode },
    });
    end = start;
  }
  return spans;
}
