/** allow | ask | deny for one tool call, from rules, mode and paths alone: pure, and the same answer every time. */
import { ask, type Context, openContext, type ToolCall } from './context.ts';
import { decideBash } from './decide-bash.ts';
import { decideFile } from './decide-file.ts';
import { decideFetch, decideMcp, decideNamed, decideOther, decideTool } from './decide-named.ts';
import type { FileSystemView } from './places.ts';
import { fullEffort, type Policy } from './policy.ts';
import { isEditTool, isNameTool, isReadTool } from './rule.ts';
import { type Finding, toVerdict, type Verdict, worst } from './verdict.ts';

/** `call.input` may be anything that JSON can say. Never throws; what it cannot judge is not allowed. */
export function decide(call: ToolCall, policy: Policy, view: FileSystemView): Verdict {
  const context = openContext(call, policy, view, { left: fullEffort });
  const findings = [...decideTool(context), ...decideInput(context)];
  if (!findings.some(({ decision }) => decision === 'deny')) findings.push(byTool(context));
  if (context.effort.left <= 0) findings.push(ask('limit.work'));
  return toVerdict(inMode(worst(findings) ?? ask('rule.none'), policy), call.tool, policy.version);
}

function byTool(context: Context): Finding {
  const { tool } = context.call;
  if (tool === 'Bash') return decideBash(context);
  if (isEditTool(tool) || isReadTool(tool)) return decideFile(context);
  if (tool === 'WebFetch') return decideFetch(context);
  if (tool.startsWith('mcp__')) return decideMcp(context);
  return isNameTool(tool) ? decideNamed(context) : decideOther(context);
}

/** What no call may bring along: a way out of the sandbox, or a place of its own choosing. */
function decideInput({ call }: Context): Finding[] {
  const { tool, input } = call;
  const found: Finding[] = [];
  for (const [key, value] of Object.entries(input)) {
    if (/sandbox|bypass|unrestricted|escalat/i.test(key)) {
      if (value !== false && value !== null && value !== undefined)
        found.push({ decision: 'deny', code: 'sandbox.escape_attempt', about: key });
    } else if (tool === 'Bash' && !bashKeys.has(key))
      found.push(ask('sandbox.escape_attempt', { about: key.slice(0, 60) }));
  }
  return found;
}

const bashKeys = new Set(['command', 'timeout', 'description', 'run_in_background']);

/** What the mode makes of it, when nobody is there or nobody wants to be asked. */
function inMode(found: Finding, policy: Policy): Finding {
  const { mode, unattended, closed } = policy;
  let finding = found;
  if (closed !== undefined && finding.decision === 'allow') finding = ask('settings.broken', { about: closed });
  if (mode === 'auto' && finding.code === 'rule.none') finding = { ...finding, code: 'auto.unclassified' };
  if (finding.decision !== 'ask') return finding;
  if (finding.code === 'mode.plan') return { ...finding, decision: 'deny' };
  if (mode === 'dontAsk')
    return { ...finding, decision: 'deny', code: finding.code === 'rule.none' ? 'mode.dont_ask' : finding.code };
  // Auto mode has somebody to ask: the classifier.
  if (!unattended || finding.code === 'auto.unclassified') return finding;
  return { ...finding, decision: 'deny', code: finding.code === 'rule.none' ? 'mode.unattended' : finding.code };
}
