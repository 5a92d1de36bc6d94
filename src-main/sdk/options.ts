/** What a program says about the agent that it wants, and what is made of that before anything is opened. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { aimFields } from '#contract/aims.ts';
import { Fault } from '#contract/faults.ts';
import { Price } from '#contract/prices.ts';
import { Effort, Limits, RoutineRules, RoutineSettings, RoutineSpec } from '#contract/routines.ts';
import { shownFolder } from '#host/sandbox/shown-folder.ts';
import type { AgentOptions, BuiltInTool } from './agent.ts';

export interface Wanted {
  options: AgentOptions;
  spec: RoutineSpec;
  /** Absolute, links resolved. Null: there is no sandbox. */
  directory: string | null;
  /** Absolute, links resolved. Null: there is none. */
  project: string | null;
  /** Absolute. Null: in memory. */
  store: string | null;
}

const someText = z.string().trim().min(1, 'say something, or leave it out');
const someModel = someText
  .max(100, 'use the id of a model, of at most 100 characters')
  .refine((id) => id !== 'auto' && id !== 'rehearsal', 'name the model itself, or leave it out');
const someFunction = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'use a function');
const someTool = z.strictObject({
  name: z.string('name the tool'),
  description: z.string('say what the tool does'),
  input: z.custom<z.ZodObject>(isZodObject, 'use a z.object of zod 4'),
  readOnly: z.boolean().optional(),
  run: someFunction,
});
const builtInNames: readonly BuiltInTool[] = ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep'];
const builtIn = z.enum(builtInNames, `use one of ${builtInNames.join(', ')}, or a tool of your own`);
const rules = RoutineRules.shape;

const someName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'name it in lower-case letters, digits and hyphens');
const SomeKind = z.strictObject({
  description: z
    .string('say what it is for')
    .trim()
    .min(1, 'say what it is for')
    .max(1536, 'use at most 1,536 characters'),
  prompt: z.string('say how it works').trim().min(1, 'say how it works').max(200_000, 'use at most 200,000 characters'),
  tools: z.array(z.string()).max(200, 'use at most 200 tools').optional(),
  model: someModel.optional(),
  effort: Effort.optional(),
  mode: z.enum(['default', 'plan', 'dontAsk']).optional(),
  turns: z.int().min(1).max(500).optional(),
  background: z.boolean().optional(),
  skills: z.array(z.string()).max(100).optional(),
});
const isPlain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const SomeGoal = z.strictObject({
  condition: z
    .string('say when it is done')
    .trim()
    .min(1, 'say when it is done')
    .max(4000, 'use at most 4,000 characters'),
  checks: RoutineSettings.shape.checks.optional(),
  rounds: aimFields.goalRounds.optional(),
});

const Options = z.strictObject({
  model: someModel.optional(),
  fallbackModel: someModel.optional(),
  apiKey: someText.optional(),
  baseUrl: z.url({ protocol: /^https?$/, error: 'use an http or https address' }).optional(),
  price: Price.optional(),
  effort: Effort.optional(),
  system: someText.max(400_000, 'use at most 400,000 characters').optional(),
  tools: z.array(z.unknown(), 'use a list').max(200, 'use at most 200 tools').optional(),
  sandbox: z
    .strictObject({
      directory: z.string('name a folder').min(1, 'name a folder').max(4096),
      access: z.enum(['write', 'read']).optional(),
      network: RoutineSettings.shape.network.optional(),
    })
    .optional(),
  permissions: z
    .strictObject({
      mode: z.enum(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto']).optional(),
      ...{ allow: rules.allow.optional(), ask: rules.ask.optional(), deny: rules.deny.optional() },
    })
    .optional(),
  project: z.string('name a folder').min(1, 'name a folder').max(4096).optional(),
  agents: z.union([z.boolean(), z.custom<object>(isPlain, 'use true, or kinds by their names')]).optional(),
  goal: SomeGoal.optional(),
  settings: z.boolean().optional(),
  ask: z.union([z.enum(['deny', 'park']), someFunction], 'use deny, park, or a function').optional(),
  limits: Limits.partial().optional(),
  store: someText.max(4096).optional(),
});

/** From zod 4 on; which copy of it does not matter. */
function isZodObject(value: unknown): boolean {
  const inner = (value as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod;
  return inner?.def?.type === 'object';
}

/** Major version. */
const oldestNode = 24;

/** Throws `input`, naming the field, and `unsupported` on a runtime that is too old. */
export function readOptions(given: AgentOptions): Wanted {
  if (Number.parseInt(process.versions.node, 10) < oldestNode)
    throw new Fault('unsupported', `nightshift/sdk needs Node ${oldestNode} or later; this is ${process.version}.`, {
      cure: `Run the program with Node ${oldestNode}.`,
    });
  const read = Options.safeParse(given);
  if (!read.success) throw refused(read.error.issues[0]);
  for (const [at, each] of (read.data.tools ?? []).entries()) {
    const one = (typeof each === 'string' ? builtIn : someTool).safeParse(each);
    if (!one.success) throw refused(one.error.issues[0], ['tools', at]);
  }
  refuseKinds(read.data.agents, toolNames(read.data.tools ?? []));
  const { sandbox, permissions = {}, limits, ask, model, fallbackModel, effort, goal } = read.data;
  if (goal?.checks && goal.checks.length > 0 && !sandbox)
    throw new Fault('input', 'goal.checks run in a sandbox, and none is named.', {
      field: 'sandbox',
      cure: 'Name the folder that they may see: sandbox: { directory }.',
    });
  const directory = sandbox ? shownFolder(resolve(sandbox.directory), 'sandbox.directory') : null;
  const { mode, ...lists } = permissions;
  const spec = RoutineSpec.parse({
    ...{ name: 'agent', prompt: 'agent', schedule: 'manual', repository: directory ?? '/' },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...{ model, fallbackModel, effort, limits, permissions: lists, network: sandbox?.network },
    ...(goal ? { goal: goal.condition, checks: goal.checks, goalRounds: goal.rounds } : {}),
    permissionMode: mode,
    whenAsked: ask === undefined || ask === 'deny' ? 'deny' : 'park',
  });
  const store = read.data.store === undefined ? null : resolve(read.data.store);
  const project = read.data.project === undefined ? null : shownFolder(resolve(read.data.project), 'project');
  return { options: given, spec, directory, project, store };
}

function toolNames(tools: readonly unknown[]): string[] {
  const names = tools.map((each) => (typeof each === 'string' ? each : String((each as { name?: unknown }).name)));
  return [...names, 'Agent', 'Skill'];
}

/** One by one, so that the field of a kind is named and not that of all. */
function refuseKinds(agents: boolean | object | undefined, tools: readonly string[]): void {
  for (const [name, kind] of typeof agents === 'object' ? Object.entries(agents) : []) {
    const named = someName.safeParse(name);
    if (!named.success) throw refused(named.error.issues[0], ['agents', name]);
    const one = SomeKind.safeParse(kind);
    if (!one.success) throw refused(one.error.issues[0], ['agents', name]);
    const at = (one.data.tools ?? []).findIndex((tool) => !tools.includes(tool));
    if (at >= 0)
      throw refused(
        { code: 'custom', message: `the agent itself has no such tool`, path: ['tools', at], input: kind },
        ['agents', name],
      );
  }
}

function refused(issue: z.core.$ZodIssue | undefined, before: PropertyKey[] = []): Fault {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...before, ...(issue?.path ?? []), ...unknown];
  const field = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
  const why = unknown.length > 0 ? 'there is no such option' : (issue?.message ?? 'it is not understood');
  return new Fault('input', `${field || 'The options'} cannot be used: ${why}.`, {
    ...(field ? { field } : {}),
    cure: 'Mend it and create the agent again; the types of AgentOptions say what each option takes.',
  });
}
