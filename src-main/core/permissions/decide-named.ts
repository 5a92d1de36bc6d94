/** Web addresses, tools of servers, and tools that are called by the name of something: agents, skills, workflows. */
import { matchesPattern } from './bash-patterns.ts';
import { allow, ask, byRule, type Context } from './context.ts';
import { matchesHost, readUrl } from './hosts.ts';
import type { RuleIndex } from './policy.ts';
import type { Rule } from './rule.ts';
import { type Finding, worst } from './verdict.ts';

export function decideFetch(context: Context): Finding {
  const { input } = context.call;
  const { deny, ask: asks, allow: allows } = context.policy;
  if (typeof input.url !== 'string') return ask('input.invalid', { about: 'no url' });
  const { host, fault } = readUrl(input.url);
  const matching = (index: RuleIndex) =>
    index.all.find(({ subject }) => subject.kind === 'host' && host !== null && matchesHost(subject.pattern, host)) ??
    null;
  const bad = matching(deny) ?? matching(asks);
  if (bad) return byRule(bad, { about: host ?? '' });
  if (fault) return ask(fault.code, { about: fault.about });
  const good = matching(allows) ?? bareRule(allows, 'WebFetch');
  return good ? byRule(good, { about: host ?? '' }) : ask('net.host_not_allowed', { about: host ?? '' });
}

export function decideMcp(context: Context): Finding {
  const { tool } = context.call;
  const { deny, ask: asks, allow: allows } = context.policy;
  const rest = tool.slice('mcp__'.length);
  const splits: [string, string][] = [];
  for (let at = rest.indexOf('__'); at >= 0; at = rest.indexOf('__', at + 1))
    splits.push([rest.slice(0, at), rest.slice(at + 2)]);
  const covers = (rule: Rule): boolean => {
    const { subject } = rule;
    if (subject.kind !== 'mcp') return false;
    // A prohibition reaches whichever way the name is split.
    if (
      rule.list !== 'allow' &&
      tool.startsWith(`${['mcp', subject.server, subject.tool ?? ''].filter(Boolean).join('__')}__`)
    )
      return true;
    const fits = (wanted: string, found: string) =>
      wanted.includes('*')
        ? matchesPattern({ exact: false, boundary: false, parts: wanted.split('*') }, found)
        : wanted === found;
    return (splits.length > 0 ? splits : [[rest, ''] as [string, string]]).some(
      ([server, name]) => fits(subject.server, server) && (subject.tool === null || fits(subject.tool, name)),
    );
  };
  const bad = deny.all.find(covers) ?? asks.all.find(covers);
  if (bad) return byRule(bad);
  const [first] = splits;
  if (
    splits.length !== 1 ||
    !first ||
    first[0] === '' ||
    first[1] === '' ||
    !/^[\w.-]+$/.test(rest) ||
    /___/.test(tool)
  )
    return ask('mcp.name_ambiguous', { about: tool.slice(0, 100) });
  const good = allows.all.find(covers);
  return good ? byRule(good) : ask('rule.none');
}

export function decideNamed(context: Context): Finding {
  const { tool, input } = context.call;
  const kind = tool === 'Task' ? 'Agent' : tool;
  const { deny, ask: asks, allow: allows } = context.policy;
  const names = ['subagent_type', 'skill', 'command', 'name', 'workflow'].flatMap((key) =>
    typeof input[key] === 'string' ? [input[key].trim()] : [],
  );
  const covers = ({ subject }: Rule) =>
    subject.kind === 'name' &&
    subject.tool === kind &&
    names.some((name) => matchesPattern(subject.name, name.replace(/^\//, '')));
  const bad = deny.all.find(covers) ?? asks.all.find(covers);
  if (bad) return byRule(bad);
  const good = allows.all.find(covers) ?? bareRule(allows, kind) ?? bareRule(allows, tool);
  return good ? byRule(good) : ask('rule.none');
}

/** Only tell the session something, or look at the session itself. */
const harmless = new Set([
  'Propose',
  'RequestApproval',
  'TodoWrite',
  'CronCreate',
  'CronList',
  'CronDelete',
  'ScheduleWakeup',
  'SendMessage',
  'TaskOutput',
  'TaskStop',
  'advisor',
  'BashOutput',
  'ExitPlanMode',
  'AskUserQuestion',
  'ToolSearch',
]);

export function decideOther(context: Context): Finding {
  const { tool } = context.call;
  const good = bareRule(context.policy.allow, tool);
  if (good) return byRule(good);
  return harmless.has(tool) ? allow('tool.harmless') : ask('rule.none', { about: tool.slice(0, 100) });
}

export function bareRule(index: RuleIndex, tool: string): Rule | null {
  return index.all.find(({ subject }) => subject.kind === 'tool' && subject.tool === tool) ?? null;
}

/** Deny and ask rules that speak of the tool as a whole, and broken ones that might. */
export function decideTool(context: Context): Finding[] {
  const { tool } = context.call;
  const { deny, ask: asks } = context.policy;
  const family =
    tool === 'Task'
      ? ['Task', 'Agent']
      : /^(Write|MultiEdit|NotebookEdit)$/.test(tool)
        ? [tool, 'Edit']
        : /^(NotebookRead|Glob|Grep|LS)$/.test(tool)
          ? [tool, 'Read']
          : [tool];
  const found: Finding[] = [];
  for (const index of [deny, asks])
    for (const rule of index.all) {
      const { subject } = rule;
      if (subject.kind === 'tool' && family.includes(subject.tool)) found.push(byRule(rule));
      if (
        subject.kind === 'broken' &&
        (subject.tool === null || family.includes(subject.tool) || tool.startsWith(`${subject.tool}__`))
      )
        found.push(byRule(rule, { decision: 'ask', code: 'rule.broken' }));
    }
  const top = worst(found);
  return top ? [top] : [];
}
