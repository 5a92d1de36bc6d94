/** Rules that can never match, or that mean something else than they look like. */
import { type Effort, fullEffort, matchBash, type Policy } from './policy.ts';
import type { Rule, RuleList } from './rule.ts';

export interface RuleFlaw {
  rule: string;
  list: RuleList;
  layer: string;
  file: string;
  /** One sentence. */
  problem: string;
}

/** In the order of the rules; at most one flaw for each. */
export function findFlaws(policy: Policy): RuleFlaw[] {
  const effort: Effort = { left: fullEffort };
  const seen = new Map<string, Rule>();
  const wholeTools = new Map<string, Rule>();
  for (const rule of [...policy.deny.all, ...policy.ask.all])
    if (rule.subject.kind === 'tool' && !wholeTools.has(rule.subject.tool)) wholeTools.set(rule.subject.tool, rule);
  return policy.rules.flatMap((rule): RuleFlaw[] => {
    const { text, list, layer, file } = rule;
    const twin = seen.get(`${list} ${text}`);
    seen.set(`${list} ${text}`, twin ?? rule);
    const problem =
      rule.problem ??
      (twin ? `It stands in ${twin.file} already.` : null) ??
      shadow(rule, policy, wholeTools, effort) ??
      anchorFlaw(rule) ??
      (policy.mode === 'auto' && list === 'allow' && !policy.allow.all.includes(rule)
        ? 'Too broad for auto mode, where it does not count.'
        : null);
    return problem === null ? [] : [{ rule: text, list, layer, file, problem }];
  });
}

/** An allow rule for what is forbidden or asked about anyway. */
function shadow(rule: Rule, policy: Policy, wholeTools: ReadonlyMap<string, Rule>, effort: Effort): string | null {
  if (rule.list !== 'allow') return null;
  const { subject } = rule;
  const tool =
    subject.kind === 'bash'
      ? 'Bash'
      : subject.kind === 'path'
        ? subject.of
        : subject.kind === 'tool'
          ? subject.tool
          : null;
  const whole = tool === null ? undefined : wholeTools.get(tool);
  if (whole) return `${whole.list} ${whole.text} in ${whole.file} is stronger.`;
  if (subject.kind !== 'bash') return sameText(rule, policy);
  const literal = subject.pattern.parts.join('x');
  for (const index of [policy.deny, policy.ask]) {
    const stronger = matchBash(
      index,
      [literal],
      effort,
      ({ subject: other }) => other.kind === 'bash' && (subject.pattern.exact || !other.pattern.exact),
    );
    if (stronger) return `${stronger.list} ${stronger.text} in ${stronger.file} is stronger.`;
  }
  return null;
}

function sameText(rule: Rule, { deny, ask }: Policy): string | null {
  const stronger = [...deny.all, ...ask.all].find(({ text }) => text === rule.text);
  return stronger ? `${stronger.list} ${stronger.text} in ${stronger.file} is stronger.` : null;
}

/** `Read(/etc/**)` is about a folder of the project. */
function anchorFlaw({ subject }: Rule): string | null {
  if (subject.kind !== 'path' || subject.pattern.anchor !== 'root') return null;
  const system = /^(etc|home|Users|usr|var|tmp|root|opt|private|proc|dev)(\/|$)/.exec(subject.pattern.glob);
  return system
    ? `It is about ${system[1]} inside the project; write //${subject.pattern.glob} for the folder of the system.`
    : null;
}
