/** One skill or command, read: its front matter validated, and what of it does nothing here. */
import { parseDocument as parseYaml } from 'yaml';
import { z } from 'zod';
import { readTemplate } from './template.ts';

export interface SkillDocument {
  /** At most 1,536 characters, on one line. */
  description: string;
  /** What its arguments are, for whoever calls it; empty where it does not say. */
  hint: string;
  /** Names of its arguments, in order. */
  arguments: string[];
  calledBy: ('agent' | 'prompt')[];
  /** Permission rules: what may not be done while it is worked by. */
  disallowed: string[];
  /** Fields that do nothing here. */
  ignored: string[];
  body: string;
}

/** Characters of a description that are listed, as the format's own documentation has it. */
const longestDescription = 1536;

/** What the format knows beyond what counts here: none of it gives a run anything. */
const idle = [...['allowed-tools', 'model', 'effort', 'context', 'agent', 'background', 'hooks', 'paths']];

const words = z.union([z.string(), z.number().transform(String), z.null().transform(() => '')]);
const flag = z.boolean().nullable();
const list = z.union([
  z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)),
  z.array(z.string()),
  z.null().transform((): string[] => []),
]);

/** `Bash(rm *), Edit`: a comma or a space parts them, but not within brackets. */
const ruleList = z.union([
  z.string().transform((text) => text.match(/[^\s,(]+(?:\([^)]*\))?/g) ?? []),
  z.array(z.string()),
  z.null().transform((): string[] => []),
]);

const Front = z.looseObject({
  name: words.optional(),
  description: words.optional(),
  when_to_use: words.optional(),
  'argument-hint': words.optional(),
  arguments: list.optional(),
  'disable-model-invocation': flag.optional(),
  'user-invocable': flag.optional(),
  'disallowed-tools': ruleList.optional(),
  shell: z.enum(['bash', 'powershell']).nullable().optional(),
});

/** Never throws: `problem` says in words why a file does not count. */
export function readSkill(text: string): { skill: SkillDocument } | { problem: string } {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const found = /^---[ \t]*\n([\s\S]*?)\n?---[ \t]*(?:\n|$)/.exec(plain);
  if (!found && /^---[ \t]*\n/.test(plain)) return { problem: 'its front matter has no end' };
  const body = (found ? plain.slice(found[0].length) : plain).trim();
  const front = readFront(found?.[1] ?? '');
  if (!front.ok) return { problem: front.problem };
  const { fields } = front;
  const { description, when_to_use: when, 'argument-hint': hint, shell } = fields;
  if (body === '') return { problem: 'it has no text below its front matter' };
  if (shell === 'powershell' && readTemplate(body).some(({ kind }) => kind === 'command'))
    return { problem: 'its commands are for PowerShell, and a sandbox runs bash' };
  const about = [description, when].filter(Boolean).join(' ') || firstParagraph(body);
  return {
    skill: {
      description: oneLine(about).slice(0, longestDescription).toWellFormed(),
      hint: oneLine(hint ?? '').slice(0, 200),
      arguments: fields.arguments ?? [],
      calledBy: [
        ...(fields['disable-model-invocation'] ? [] : ['agent' as const]),
        ...(fields['user-invocable'] === false ? [] : ['prompt' as const]),
      ],
      disallowed: (fields['disallowed-tools'] ?? []).map((rule) => rule.trim()).filter(Boolean),
      ignored: idle.filter((name) => fields[name] !== undefined),
      body,
    },
  };
}

type ReadFront = { ok: true; fields: z.output<typeof Front> } | { ok: false; problem: string };

function readFront(front: string): ReadFront {
  // Written without quotes in most files that have one, which YAML takes for a list.
  const quoted = front.replace(
    /^(argument-hint:[ \t]*)(\[.*)$/m,
    (_, key: string, hint: string) => key + JSON.stringify(hint),
  );
  const yaml = parseYaml(quoted);
  const [error] = yaml.errors;
  if (error) return { ok: false, problem: `its front matter is not YAML (${error.message.split('\n')[0]})` };
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: 10 }) ?? {};
  } catch (thrown) {
    return { ok: false, problem: `its front matter is not YAML (${(thrown as Error).message})` };
  }
  const read = Front.safeParse(value);
  if (read.success) return { ok: true, fields: read.data };
  const issue = read.error.issues[0];
  const field = issue?.path.join('.');
  return {
    ok: false,
    problem: field ? `its \`${field}\` is not what it must be` : 'its front matter is no list of fields',
  };
}

const firstParagraph = (body: string) => body.replace(/^#+[ \t]*/, '').split(/\n\s*\n/, 1)[0] ?? '';
const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
