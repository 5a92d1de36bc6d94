/** What is decided about one tool call, as data: a code to filter by, the words for the model, and what would change it. */

/** A code, once shipped, keeps its meaning. */
export type Code =
  // it goes ahead
  | 'rule.allow'
  | 'read_only'
  | 'mode.accept_edits'
  | 'tool.harmless'
  // rules and modes
  | 'rule.deny'
  | 'rule.ask'
  | 'rule.none'
  | 'rule.broken'
  | 'mode.unattended'
  | 'mode.dont_ask'
  | 'mode.plan'
  | 'settings.broken'
  // the shell
  | 'bash.unparsable'
  | 'bash.dynamic_command'
  | 'bash.flag_guard'
  | 'bash.env_assignment'
  | 'bash.redirect_protected_path'
  | 'bash.cd_combined'
  | 'bash.dangerous_removal'
  // paths
  | 'path.outside_worktree'
  | 'path.protected'
  | 'path.symlink'
  | 'path.unclear'
  // the network and connectors
  | 'net.host_not_allowed'
  | 'net.resolved_private'
  | 'net.url_confusing'
  | 'mcp.name_ambiguous'
  | 'sandbox.escape_attempt'
  // auto mode
  | 'auto.destructive'
  | 'auto.unclassified'
  // sizes and shapes
  | 'limit.length'
  | 'limit.work'
  | 'input.invalid';

export type Answer = 'allow' | 'ask' | 'deny';

/** Where the rule that decided is written. */
export interface RuleSource {
  layer: string;
  file: string;
}

/** One finding about a call or a part of it; a call is as good as the worst of them. */
export interface Finding {
  decision: Answer;
  code: Code;
  /** The part of a compound command. */
  segment?: string | null;
  rule?: string | null;
  source?: RuleSource | null;
  /** Absolute. */
  path?: string | null;
  /** What exactly is at fault, for the hint. */
  about?: string;
}

/** Crosses the wire and reaches the model, so its names are those of the published shape. */
export interface Verdict {
  decision: Answer;
  code: Code;
  tool: string;
  segment: string | null;
  /** As written in its file. */
  rule: string | null;
  path: string | null;
  /** The same aim in another form may be allowed. */
  retryable: boolean;
  /** A person can allow this one call. */
  approvable: boolean;
  hint: string;
  policy_version: string;
  source: RuleSource | null;
  /** What would change the decision; null where nothing can. */
  change: string | null;
}

const weight: Record<Answer, number> = { allow: 0, ask: 1, deny: 2 };
/** Of two that weigh the same, the one that says more. */
const vague = new Set<Code>(['rule.none', 'auto.unclassified', 'read_only', 'tool.harmless', 'limit.work']);
/** Names a rule, a place or an effect, where others only say that something is not known. */
const grave = new Set<Code>([
  ...(['rule.deny', 'rule.ask', 'rule.broken', 'settings.broken', 'path.protected', 'auto.destructive'] as const),
  ...(['bash.redirect_protected_path', 'bash.dangerous_removal', 'sandbox.escape_attempt'] as const),
]);
const weightOf = (code: Code) => (grave.has(code) ? 2 : vague.has(code) ? 0 : 1);

export function worst(findings: readonly Finding[]): Finding | null {
  let found: Finding | null = null;
  for (const finding of findings)
    if (!found || weight[finding.decision] > weight[found.decision]) found = finding;
    else if (weight[finding.decision] === weight[found.decision] && weightOf(finding.code) > weightOf(found.code))
      found = finding;
  return found;
}

export function toVerdict(finding: Finding, tool: string, version: string): Verdict {
  const { decision, code, rule = null, source = null, path = null } = finding;
  const words = hints[code];
  return {
    ...{ decision, code, tool, segment: visible(finding.segment ?? null), rule, path: visible(path) },
    retryable: decision !== 'allow' && retryable.has(code),
    approvable: decision !== 'allow' && !final.has(code) && !(decision === 'deny' && code === 'rule.deny'),
    hint: visible(finding.about ? `${words.hint} (${finding.about})` : words.hint) ?? '',
    ...{ policy_version: version, source, change: decision === 'allow' && !rule ? null : words.change },
  };
}

/** Control and direction characters are shown, never obeyed; and nothing is longer than a screen. */
function visible(text: string | null): string | null {
  return (
    text
      ?.slice(0, 500)
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) =>
        char === '\n' ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`,
      ) ?? null
  );
}

const retryable = new Set<Code>([
  ...([
    'bash.unparsable',
    'bash.dynamic_command',
    'bash.flag_guard',
    'bash.env_assignment',
    'bash.cd_combined',
  ] as const),
  ...([
    'path.outside_worktree',
    'path.unclear',
    'net.url_confusing',
    'limit.length',
    'input.invalid',
    'rule.none',
  ] as const),
]);
const final = new Set<Code>(['sandbox.escape_attempt', 'input.invalid', 'mode.plan', 'settings.broken']);

const allowRule = 'An allow rule for exactly this, or the approval of a person.';
const person = 'The approval of a person.';
const spelling = 'Ask for approval; do not retry with another spelling.';
const hints: Record<Code, { hint: string; change: string | null }> = {
  'rule.allow': { hint: 'An allow rule covers it.', change: 'Removing the rule, or a deny or ask rule that matches.' },
  read_only: { hint: 'It only reads.', change: 'A deny or ask rule that matches.' },
  'mode.accept_edits': { hint: 'The mode accepts edits inside the project.', change: 'Another mode.' },
  'tool.harmless': { hint: 'The tool changes nothing outside the session.', change: 'A deny rule for the tool.' },
  'rule.deny': { hint: `A deny rule forbids it. ${spelling}`, change: 'Removing the deny rule in its file.' },
  'rule.ask': { hint: 'A rule wants a person to be asked each time.', change: 'Removing the ask rule in its file.' },
  'rule.none': { hint: 'No rule allows it.', change: allowRule },
  'rule.broken': {
    hint: 'A deny or ask rule cannot be understood, so nothing is allowed that it might mean.',
    change: 'Mending the rule in its file.',
  },
  'mode.unattended': { hint: 'Nobody is there to be asked, and no rule allows it.', change: allowRule },
  'mode.dont_ask': { hint: 'This mode denies whatever no rule allows.', change: 'An allow rule for exactly this.' },
  'mode.plan': { hint: 'This mode changes nothing: describe the change instead.', change: 'Another mode.' },
  'settings.broken': {
    hint: 'A settings file cannot be read, so nothing is allowed by itself.',
    change: 'Mending the file.',
  },
  'bash.unparsable': { hint: 'The command cannot be read with certainty: write it more plainly.', change: person },
  'bash.dynamic_command': { hint: 'What runs is only known at run time: write the command out.', change: person },
  'bash.flag_guard': {
    hint: 'A wildcard rule does not cover this option or program.',
    change: 'An allow rule with the whole text of this command.',
  },
  'bash.env_assignment': {
    hint: 'A variable can change what the command runs.',
    change: 'An allow rule with the whole text of this command.',
  },
  'bash.redirect_protected_path': { hint: `The output goes to a protected place. ${spelling}`, change: person },
  'bash.cd_combined': {
    hint: 'A change of folder is combined with git or with writing: use paths from the project folder instead.',
    change: person,
  },
  'bash.dangerous_removal': {
    hint: 'It deletes the root, a home, or something whose name is not known yet.',
    change: person,
  },
  'path.outside_worktree': {
    hint: 'The path is outside the project.',
    change: 'A path rule that names it, or the approval of a person.',
  },
  'path.protected': { hint: `The place is protected. ${spelling}`, change: person },
  'path.symlink': {
    hint: 'A link leads to a place that no rule allows.',
    change: 'A rule that covers the link and its target.',
  },
  'path.unclear': { hint: 'Where the path leads is not certain: write it plainly.', change: person },
  'net.host_not_allowed': {
    hint: 'The host is not on the list.',
    change: 'An allow rule WebFetch(domain:…), or the approval of a person.',
  },
  'net.resolved_private': { hint: 'The address is not on the public network.', change: person },
  'net.url_confusing': { hint: 'The address can be read in two ways: write it plainly.', change: person },
  'mcp.name_ambiguous': {
    hint: 'The name of the tool can be split in two ways.',
    change: 'Another name for the server or the tool.',
  },
  'sandbox.escape_attempt': { hint: 'A call cannot leave or move its sandbox.', change: null },
  'auto.destructive': { hint: 'Such an action is always for a person.', change: person },
  'auto.unclassified': {
    hint: 'No rule allows it; in this mode a classifier decides next.',
    change: 'An allow rule for exactly this.',
  },
  'limit.length': { hint: 'The command is too long to be approved.', change: 'A shorter command.' },
  'limit.work': {
    hint: 'Rules and command are too large together to be compared.',
    change: 'A shorter command or fewer rules.',
  },
  'input.invalid': { hint: 'The input is not what the tool takes.', change: 'A corrected input.' },
};
