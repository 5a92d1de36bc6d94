/** One permission rule as a person writes it, `Tool` or `Tool(what)`: what it is about, or why it can mean nothing. */
import { type BashPattern, readBashPattern } from './bash-patterns.ts';
import { type HostPattern, readHostPattern } from './hosts.ts';
import { type PathPattern, readPathPattern } from './path-patterns.ts';
import type { System } from './places.ts';

export const ruleLists = ['deny', 'ask', 'allow'] as const;
export type RuleList = (typeof ruleLists)[number];

export type Subject =
  | { kind: 'tool'; tool: string }
  | { kind: 'bash'; pattern: BashPattern }
  | { kind: 'path'; of: 'Read' | 'Edit'; pattern: PathPattern }
  | { kind: 'host'; pattern: HostPattern }
  | { kind: 'mcp'; server: string; tool: string | null }
  | { kind: 'name'; tool: string; name: BashPattern }
  /** `tool` null: nobody can say which tool was meant. */
  | { kind: 'broken'; tool: string | null };

export interface Rule {
  /** As written. */
  text: string;
  list: RuleList;
  layer: string;
  file: string;
  subject: Subject;
  /** Why it can never match, or matches otherwise than it looks; null: it is fine. */
  problem: string | null;
}

const editTools = ['Edit', 'Write', 'MultiEdit', 'NotebookEdit'];
const readTools = ['Read', 'Glob', 'Grep', 'LS', 'NotebookRead'];
const nameTools = ['Agent', 'Task', 'Skill', 'Workflow', 'SlashCommand'];

/** Tools that a rule can be about. */
export const knownTools: readonly string[] = [
  ...[
    'Bash',
    'WebFetch',
    'WebSearch',
    'PowerShell',
    'TodoWrite',
    'Propose',
    'RequestApproval',
    'CronCreate',
    'CronList',
    'CronDelete',
  ],
  ...['SendMessage', 'TaskOutput', 'TaskStop', 'advisor'],
  ...['ScheduleWakeup', 'BashOutput', 'KillShell', 'ExitPlanMode', 'AskUserQuestion', 'Monitor', 'LSP', 'ToolSearch'],
  ...editTools,
  ...readTools,
  ...nameTools,
];

export const isEditTool = (tool: string): boolean => editTools.includes(tool);
export const isReadTool = (tool: string): boolean => readTools.includes(tool);
export const isNameTool = (tool: string): boolean => nameTools.includes(tool);

/** Never throws: what makes no sense is a rule with a problem. */
export function readRule(text: string, list: RuleList, from: { layer: string; file: string }, os: System): Rule {
  const made = (subject: Subject, problem: string | null = null): Rule => ({ text, list, ...from, subject, problem });
  const found = /^([A-Za-z][\w.:*-]*)(?:\(([\s\S]*)\))?$/.exec(text.trim());
  if (!found || text.length > 10_000 || !text.isWellFormed() || /[\0]/.test(text)) {
    const tool = /^\s*([A-Za-z]\w*)/.exec(text)?.[1] ?? null;
    return made({ kind: 'broken', tool }, 'It is not written as Tool or Tool(what).');
  }
  const [, written = '', spec] = found;
  if (written.startsWith('mcp__')) return made(...readMcp(written, spec, list));
  const tool = sameTool(written, list);
  if (!knownTools.includes(tool)) return made({ kind: 'tool', tool }, `There is no tool called ${tool}.`);
  if (spec === undefined || spec === '*') return made({ kind: 'tool', tool });
  return made(...readSpec(tool, spec, list, os));
}

/** A forbidden tool is found whatever the case of its letters; an allowed one is spelled exactly. */
function sameTool(written: string, list: RuleList): string {
  if (list === 'allow') return written;
  return knownTools.find((tool) => tool.toLowerCase() === written.toLowerCase()) ?? written;
}

function readSpec(tool: string, spec: string, list: RuleList, os: System): [Subject, (string | null)?] {
  const broken: Subject = { kind: 'broken', tool };
  if (spec === '') return [broken, 'There is nothing between the brackets.'];
  if (tool === 'Bash') return [{ kind: 'bash', pattern: readBashPattern(spec) }];
  if (isNameTool(tool)) return [{ kind: 'name', tool: tool === 'Task' ? 'Agent' : tool, name: readBashPattern(spec) }];
  if (isEditTool(tool) || isReadTool(tool)) {
    const of = isEditTool(tool) ? 'Edit' : 'Read';
    const pattern = readPathPattern(spec, os);
    if (!pattern)
      return [broken, 'The path can never match: write //absolute, ~/home, /project or ./here, without .. or !.'];
    if (tool === of) return [{ kind: 'path', of, pattern }];
    const problem = `Paths are governed by ${of}(…) rules; ${tool}(…) allows nothing.`;
    // As a prohibition it still says clearly enough what must not happen.
    return list === 'allow' ? [broken, problem] : [{ kind: 'path', of, pattern }, problem];
  }
  if (tool === 'WebFetch') {
    const pattern = readHostPattern(spec);
    return pattern
      ? [{ kind: 'host', pattern }]
      : [broken, 'Hosts are written as WebFetch(domain:example.com) or domain:*.example.com.'];
  }
  return [broken, `${tool} takes nothing in brackets.`];
}

function readMcp(written: string, spec: string | undefined, list: RuleList): [Subject, (string | null)?] {
  if (spec !== undefined && spec !== '*')
    return [{ kind: 'broken', tool: written }, 'Tools of a server take nothing in brackets.'];
  const rest = written.slice('mcp__'.length);
  const at = rest.indexOf('__');
  const [server, tool] = at < 0 ? [rest, null] : [rest.slice(0, at), rest.slice(at + 2)];
  if (server === '') return [{ kind: 'broken', tool: written }, 'The server has no name.'];
  if (server === '*' && list === 'allow')
    return [{ kind: 'broken', tool: written }, 'Every server at once cannot be allowed.'];
  return [{ kind: 'mcp', server, tool: tool === '*' ? null : tool }];
}
