/** A kind of subagent: what its file says, validated, with what of it does nothing here. */
import { parseDocument as parseYaml } from 'yaml';
import { z } from 'zod';
import { Effort, type PermissionMode } from '#contract/routines.ts';

export interface Kind {
  /** As its file names it; null: it does not. */
  name: string | null;
  /** At most 1,536 characters, on one line. */
  description: string;
  /** Tools that it has, of those that subagents can have. */
  tools: string[];
  /** What it has is what there is, but for `denied`; otherwise what is named. */
  inherits: boolean;
  denied: string[];
  /** Kinds that it may start itself, where it has Agent; null: all. */
  kinds: string[] | null;
  /** Null: that of its run. */
  model: string | null;
  effort: Effort | null;
  permissionMode: PermissionMode | null;
  /** Answers in one go at most; null: as many as its run has. */
  turns: number | null;
  background: boolean;
  worktree: boolean;
  /** Names of skills whose text it is given with its first prompt. */
  skills: string[];
  /** It is given the instruction files of the repository. */
  instructed: boolean;
  /** Fields and tools that do nothing here. */
  ignored: string[];
  /** What it is told of its part, before everything else. */
  body: string;
}

/** What a subagent can have at all, in the order of the toolbox. The rest is the run's own: to propose, to loop, to ask for hosts. */
const able = ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep', 'Agent', 'SendMessage', 'Skill'];
/** Only where it is named: a subagent does not start others of itself. */
const named = ['Agent', 'SendMessage'];
const usual = able.filter((tool) => !named.includes(tool));
/** Look and never change. */
export const looking = ['Read', 'Glob', 'Grep'];

/** Characters of a description that are listed, as the format's own documentation has it. */
const longestDescription = 1536;
/** Bytes: it is sent with every request of the subagent. */
const longestBody = 200_000;

/** What the format knows beyond what counts here. */
const idle = ['mcpServers', 'hooks', 'memory', 'initialPrompt', 'observer', 'observerMessage', 'autoCompactWindow'];

const list = z.union([
  z.string().transform((text) => splitList(text)),
  z.array(z.string().transform((text) => text.trim())),
  z.null().transform((): string[] => []),
]);
const flag = z.boolean().nullable();

const Front = z.looseObject({
  name: z.string().trim().optional(),
  description: z.union([z.string(), z.null().transform(() => '')]).optional(),
  tools: list.optional(),
  disallowedTools: list.optional(),
  model: z.string().trim().min(1).max(100).nullable().optional(),
  effort: Effort.nullable().optional(),
  permissionMode: z
    .enum(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions', 'manual'])
    .nullable()
    .optional(),
  maxTurns: z.int().min(1).max(500).nullable().optional(),
  background: flag.optional(),
  isolation: z.enum(['worktree']).nullable().optional(),
  skills: list.optional(),
  omitClaudeMd: flag.optional(),
});
type Front = z.output<typeof Front>;

/** Commas between names, but not within `Agent(a, b)`. */
function splitList(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Never throws: `problem` says in words why a file does not count. */
export function readKind(text: string): { kind: Kind } | { problem: string } {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const found = /^---[ \t]*\n([\s\S]*?)\n?---[ \t]*(?:\n|$)/.exec(plain);
  if (!found) return { problem: 'it has no front matter that says its name and what it is for' };
  const body = plain.slice(found[0].length).trim();
  if (body === '') return { problem: 'it has no text below its front matter' };
  if (Buffer.byteLength(body) > longestBody) return { problem: 'it is longer than 200 kB' };
  const front = readFront(found[1] ?? '');
  if ('problem' in front) return front;
  const description = oneLine(front.fields.description ?? '');
  if (description === '') return { problem: 'its `description` is missing, by which it is chosen' };
  return { kind: kindOf(front.fields, description, body) };
}

function readFront(front: string): { fields: Front } | { problem: string } {
  const yaml = parseYaml(front);
  const [error] = yaml.errors;
  if (error) return { problem: `its front matter is not YAML (${error.message.split('\n')[0]})` };
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: 10 }) ?? {};
  } catch (thrown) {
    return { problem: `its front matter is not YAML (${(thrown as Error).message})` };
  }
  const read = Front.safeParse(value);
  if (read.success) return { fields: read.data };
  const field = read.error.issues[0]?.path.join('.');
  return { problem: field ? `its \`${field}\` is not what it must be` : 'its front matter is no list of fields' };
}

function kindOf(fields: Front, description: string, body: string): Kind {
  const wanted = fields.tools ?? usual;
  const denied = new Set((fields.disallowedTools ?? []).map(bare));
  const every = wanted.some((tool) => tool === '*');
  const names = new Set(every ? usual : wanted.map(bare));
  const mode = modes[fields.permissionMode ?? ''] ?? null;
  const started = wanted.find((tool) => /^(?:Agent|Task)\(/.test(tool));
  // Who may start others may speak to them again.
  if (names.has('Agent')) names.add('SendMessage');
  return {
    name: fields.name ?? null,
    description: description.slice(0, longestDescription).toWellFormed(),
    tools: able.filter((tool) => names.has(tool) && !denied.has(tool) && (mode !== 'plan' || looking.includes(tool))),
    inherits: fields.tools === undefined || every,
    denied: [...denied],
    kinds: started ? splitList(started.replace(/^\w+\(|\)$/g, '')) : null,
    model: fields.model && fields.model !== 'inherit' ? fields.model : null,
    effort: fields.effort ?? null,
    permissionMode: mode,
    turns: fields.maxTurns ?? null,
    background: fields.background ?? false,
    worktree: fields.isolation === 'worktree',
    skills: fields.skills ?? [],
    instructed: fields.omitClaudeMd !== true,
    ignored: [
      ...idle.filter((name) => fields[name] !== undefined),
      ...(fields.permissionMode && mode === null ? [`permissionMode: ${fields.permissionMode}`] : []),
      ...(fields.tools ?? []).filter((tool) => tool !== '*' && !able.includes(bare(tool))),
    ],
    body,
  };
}

/** A subagent is never given more than its run: what would widen its mode counts for nothing. */
const modes: Record<string, PermissionMode> = {
  plan: 'plan',
  dontAsk: 'dontAsk',
  default: 'default',
  manual: 'default',
};

/** Rules of use behind a name are the run's own rules' to say. */
function bare(tool: string): string {
  const name = /^[\w-]+/.exec(tool.trim())?.[0] ?? tool;
  return name === 'Task' ? 'Agent' : name;
}

const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
