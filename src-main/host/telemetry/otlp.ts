/** One run's spans and measures, sent to an OTLP collector over HTTP by OpenTelemetry's own exporters. */
import { createHash } from 'node:crypto';
import {
  type Attributes,
  trace as api,
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Span, Trace } from '#contract/traces.ts';

interface Target {
  /** Base address of the collector; `/v1/traces` and `/v1/metrics` are below it. */
  endpoint: string;
  version: string;
}

/** Milliseconds for one request; a collector that hangs must not hold anything up. */
const timeoutMillis = 10_000;
/** Spans in one request. */
const most = 500;

/** Rejects with what the exporter says. Sending a run again gives the same ids, so a collector can tell. */
export async function sendRun({ endpoint, version }: Target, trace: Trace): Promise<void> {
  const resource = resourceFromAttributes({ 'service.name': 'nightshift', 'service.version': version });
  const below = (path: string) => `${endpoint.replace(/\/+$/, '')}${path}`;
  const spans = spansOf(trace, resource);
  const exporter = new OTLPTraceExporter({ url: below('/v1/traces'), timeoutMillis });
  try {
    for (let at = 0; at < spans.length; at += most)
      await exported((done) => exporter.export(spans.slice(at, at + most), done));
  } finally {
    await exporter.shutdown();
  }
  const reader = new OneReading({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  const provider = new MeterProvider({ resource, readers: [reader] });
  measure(provider, trace);
  const { resourceMetrics } = await reader.collect();
  const metrics = new OTLPMetricExporter({ url: below('/v1/metrics'), timeoutMillis });
  try {
    await exported((done) => metrics.export(resourceMetrics, done));
  } finally {
    await metrics.shutdown();
    await provider.shutdown();
  }
}

function exported(begin: (done: (result: { code: number; error?: Error }) => void) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    begin(({ code, error }) => (code === 0 ? resolve() : reject(error ?? new Error('the collector refused it')))),
  );
}

function spansOf({ run, spans }: Trace, resource: ReturnType<typeof resourceFromAttributes>) {
  const memory = new InMemorySpanExporter();
  let next = 0;
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor({ exporter: memory })],
    idGenerator: {
      generateTraceId: () => hash(run).slice(0, 32),
      generateSpanId: () => hash(`${run} ${next++}`).slice(0, 16),
    },
  });
  const tracer = provider.getTracer('nightshift');
  const contexts: Context[] = [];
  const begun = spans.map((span) => {
    const parent = span.parent === null ? ROOT_CONTEXT : (contexts[span.parent] ?? ROOT_CONTEXT);
    const startTime = Date.parse(span.start);
    const one = tracer.startSpan(span.name, { startTime, kind: kindOf(span), attributes: attributesOf(span) }, parent);
    contexts.push(api.setSpan(ROOT_CONTEXT, one));
    if (span.error) one.setStatus({ code: SpanStatusCode.ERROR });
    return one;
  });
  for (const [index, one] of begun.entries()) one.end(Date.parse(spans[index]?.end ?? ''));
  return memory.getFinishedSpans();
}

const kindOf = ({ attributes }: Span) =>
  attributes['gen_ai.operation.name'] === 'chat' ? SpanKind.CLIENT : SpanKind.INTERNAL;

const attributesOf = ({ attributes, error }: Span): Attributes => ({
  ...attributes,
  ...(error ? { 'error.type': error } : {}),
});

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** The two measures that the conventions require of a client, with the bounds that they give. */
function measure(provider: MeterProvider, { spans }: Trace): void {
  const meter = provider.getMeter('nightshift');
  const tokens = meter.createHistogram('gen_ai.client.token.usage', {
    unit: '{token}',
    advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_, at) => 4 ** at) },
  });
  const duration = meter.createHistogram('gen_ai.client.operation.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_, at) => 2 ** at / 100) },
  });
  for (const span of spans) {
    const { attributes, error, start, end } = span;
    if (attributes['gen_ai.operation.name'] !== 'chat') continue;
    const about: Attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': attributes['gen_ai.request.model'],
    };
    duration.record((Date.parse(end) - Date.parse(start)) / 1000, {
      ...about,
      ...(error ? { 'error.type': error } : {}),
    });
    for (const type of ['input', 'output'] as const) {
      const used = attributes[`gen_ai.usage.${type}_tokens`];
      if (typeof used === 'number') tokens.record(used, { ...about, 'gen_ai.token.type': type });
    }
  }
}

/** Gives what was measured when it is asked, and never by itself. */
class OneReading extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}
