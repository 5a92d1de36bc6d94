/** Whether the API will take a tool as it is described, found before a request is made for nothing. */
import { Fault } from '#contract/faults.ts';
import type { Tool } from './tool.ts';
import { describe } from './toolbox.ts';

/** Source of these figures: the Messages API's tool documentation as of November 2026, and what it refuses. */
const nameForm = /^[a-zA-Z0-9_-]{1,128}$/;
const propertyForm = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Characters; far more than a model reads with profit. */
const longestDescription = 20_000;

/**
 * Throws `input` for the first tool that the API would refuse.
 * @param field names the tool's place, e.g. `tools[2]`.
 */
export function refuseUnacceptable(tools: readonly { tool: Tool; field: string }[]): void {
  const known = new Map<string, string>();
  for (const { tool, field } of tools) {
    const { name, description } = tool;
    const wrong = (part: string, why: string, cure: string) =>
      new Fault('input', `The tool ${JSON.stringify(name)} cannot be offered to a model: ${why}.`, {
        field: `${field}.${part}`,
        cure,
      });
    if (!nameForm.test(name))
      throw wrong('name', 'its name is not made of 1 to 128 letters, digits, _ and -', 'Give it another name.');
    const other = known.get(name);
    if (other !== undefined) throw wrong('name', `${other} has the same name`, 'Give each tool a name of its own.');
    known.set(name, field);
    if (description.trim() === '' || description.length > longestDescription)
      throw wrong(
        'description',
        'its description is empty or longer than 20,000 characters',
        'Say in a few sentences what it does and when to use it.',
      );
    const why = whyNot(tool);
    if (why)
      throw wrong('input', why, 'Describe its input as a z.object of plain JSON: no dates, maps, or transforms.');
  }
}

/** Null: its input can be described as the API wants it. */
function whyNot(tool: Tool): string | null {
  let schema: Record<string, unknown>;
  try {
    schema = describe(tool).input_schema;
    JSON.stringify(schema);
  } catch (error) {
    return `its input cannot be said in JSON Schema (${error instanceof Error ? error.message : String(error)})`;
  }
  if (schema.type !== 'object') return 'its input is no object';
  const [combined] = ['anyOf', 'oneOf', 'allOf'].filter((key) => key in schema);
  if (combined) return `its input is a choice between several objects (${combined} at the top)`;
  return badProperty(schema);
}

/** The API looks at names of properties however deep they stand. */
function badProperty(schema: unknown): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && typeof value === 'object' && value !== null)
      for (const name of Object.keys(value))
        if (!propertyForm.test(name))
          return `a field of its input is called ${JSON.stringify(name)}, which is not 1 to 64 letters, digits, _, . and -`;
    // What stands there is data, not a description.
    const found = ['const', 'default', 'enum', 'examples'].includes(key) ? null : badProperty(value);
    if (found) return found;
  }
  return null;
}
