/** Schemas as the API can bind answers and tool inputs to them: what it cannot enforce is said in words, and checked by us after. */
import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { JSONOutputFormat, Tool } from '@anthropic-ai/sdk/resources/messages';

/** What one request may hold of strict tools. Source: the vendor's guide to structured outputs, November 2026. */
const most = { tools: 20, optional: 24, unions: 16 };

type Schema = Record<string, unknown>;

/** Tools are constant, and so is what becomes of them. */
const known = new WeakMap<Tool, { tool: Tool; optional: number; unions: number } | null>();

/** In their order, strict as far as the limits go; the rest as it was. */
export function strictTools(tools: readonly Tool[]): Tool[] {
  const left = { ...most };
  return tools.map((tool) => {
    const made = known.has(tool) ? (known.get(tool) ?? null) : strictTool(tool);
    known.set(tool, made);
    if (!made || left.tools < 1 || left.optional < made.optional || left.unions < made.unions) return tool;
    left.tools -= 1;
    left.optional -= made.optional;
    left.unions -= made.unions;
    return made.tool;
  });
}

export function formatOf(schema: Readonly<Schema>): JSONOutputFormat {
  return { type: 'json_schema', schema: transformJSONSchema(schema) as Schema };
}

/** Null: its input is freer than a schema can say. */
function strictTool(tool: Tool): { tool: Tool; optional: number; unions: number } | null {
  if (isOpen(tool.input_schema)) return null;
  const input_schema = transformJSONSchema(tool.input_schema as Schema) as Tool['input_schema'];
  return { tool: { ...tool, strict: true, input_schema }, ...countsOf(input_schema) };
}

/** Somewhere in it anything may stand. */
function isOpen(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const {
    type,
    anyOf,
    oneOf,
    allOf,
    enum: values,
    const: only,
    $ref,
    properties,
    additionalProperties,
    items,
  } = schema as Schema;
  if (![type, anyOf, oneOf, allOf, values, only, $ref].some((each) => each !== undefined)) return true;
  if (additionalProperties !== undefined && additionalProperties !== false) return true;
  const inside = [...Object.values((properties ?? {}) as Schema), ...(items ? [items] : [])];
  return [...inside, ...[anyOf, oneOf, allOf].flatMap((each) => (each as unknown[] | undefined) ?? [])].some(isOpen);
}

function countsOf(schema: unknown): { optional: number; unions: number } {
  const counts = { optional: 0, unions: 0 };
  JSON.stringify(schema, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const { properties, required, anyOf, type } = value as Schema;
      if (properties && type === 'object')
        counts.optional += Object.keys(properties).length - ((required as unknown[] | undefined)?.length ?? 0);
      if (anyOf || Array.isArray(type)) counts.unions += 1;
    }
    return value;
  });
  return counts;
}
