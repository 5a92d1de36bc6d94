/** A secret in every text of every kind of event there is: none of it comes into a cassette. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Event } from '#contract/events.ts';
import { freed } from '#host/replay/export.ts';
import { createSecrets } from '#host/secrets.ts';
import { inTexts, newCanary } from '../fakes/canary.ts';

type Schema = Record<string, unknown> & {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
};

const canary = newCanary();
const schema = z.toJSONSchema(Event, { unrepresentable: 'any', io: 'input' }) as Schema;

/** Something that fits, with the canary wherever a text may be any text; every field is there, optional ones too. */
function sample(of: Schema): unknown {
  if ('const' in of) return of.const;
  if (Array.isArray(of.enum)) return of.enum[0];
  const one = (of.oneOf ?? of.anyOf) as Schema[] | undefined;
  if (one) return sample(one.find(({ type, properties }) => type !== 'null' && properties) ?? (one[0] as Schema));
  if (of.allOf) return sample((of.allOf as Schema[])[0] as Schema);
  const type = Array.isArray(of.type) ? of.type.find((each) => each !== 'null') : of.type;
  switch (type) {
    case 'string':
      return text(of);
    case 'object':
      return {
        ...(of.additionalProperties ? { [`named ${canary}`]: `any ${canary}` } : {}),
        ...Object.fromEntries(Object.entries(of.properties ?? {}).map(([name, field]) => [name, sample(field)])),
      };
    case 'array':
      return [sample(of.items ?? {})];
    case 'integer':
    case 'number':
      return Math.max(1, Number(of.minimum ?? 1));
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return { [`field ${canary}`]: [`value ${canary}`] };
  }
}

function text({ pattern, format, maxLength }: Schema): string {
  if (format === 'date-time') return '2026-11-20T03:00:00.000Z';
  if (typeof pattern !== 'string') return `say ${canary} aloud`.slice(0, Number(maxLength ?? 1000));
  const known = [
    'run-00000001a',
    'prop-00000001a',
    'ask-00000001a',
    'grant-00000001a',
    'loop-1',
    'agent-1',
    'testing.md',
    'triage',
    '03:00',
    '2026-11-20T03:00:00.000Z',
    'a'.repeat(64),
    '0'.repeat(40),
  ];
  return known.find((each) => new RegExp(pattern).test(each)) ?? `say ${canary}`;
}

const kinds = (schema.oneOf ?? schema.anyOf) as Schema[];
const types = kinds.map(({ properties }) => String(properties?.type?.const));

test('every kind of event is tried', () => {
  expect(types.length).toBeGreaterThan(50);
  expect(new Set(types).size).toBe(types.length);
});

test.each(types)('%s', (type) => {
  const event = sample(kinds[types.indexOf(type)] as Schema) as Event;
  expect(event.type).toBe(type);
  const secrets = createSecrets();
  secrets.know(canary);
  const [made] = freed(secrets, [event]);
  expect(inTexts(canary, { cassette: JSON.stringify(made ?? null) })).toEqual([]);
  // A text that holds the canary was there to be found.
  if (
    made &&
    ![
      'run.queued',
      'run.waiting',
      'run.parked',
      'run.resumed',
      'question.used',
      'loop.scheduled',
      'loop.fired',
      'loop.ended',
    ].includes(type)
  )
    expect(JSON.stringify(event)).toContain(canary);
});
