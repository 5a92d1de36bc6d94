/** Proposals for people: what changes, what proves it, what it cost, what was not done, and how to decide. */
import { claimWords, type ShownCall } from '#contract/claims.ts';
import type { Proposal } from '#contract/proposals.ts';
import { checkLine } from './narrate.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { checksPainted, modelWords, money, when } from './words.ts';

export function proposalTable(paint: Paint, zone: string, proposals: Proposal[]): string[] {
  if (proposals.length === 0) return ['No proposals.'];
  const head = ['PROPOSAL', 'ROUTINE', 'STATE', 'CHECKS', 'COST', 'OPENED', 'TITLE', 'MODEL'];
  const rows = proposals.map((proposal) => [
    proposal.id,
    proposal.routine,
    stateWords(paint, proposal),
    checksPainted(paint, proposal.before, proposal.after),
    money(proposal.costMicros),
    when(proposal.openedAt, zone),
    proposal.title,
    modelWords(proposal),
  ]);
  return table(paint, head, rows);
}

export function proposalDetails(paint: Paint, zone: string, proposal: Proposal): string[] {
  const shown = facts(paint, [
    ['proposal', `${paint.bold(proposal.id)}, revision ${proposal.revision}`],
    ['state', stateWords(paint, proposal)],
    ['trial run', proposal.trial ? paint.yellow('it shows what would come out; nothing of it lands') : null],
    ['landed', proposal.into && landedWords(proposal)],
    ['kept until', proposal.pruneAt && when(proposal.pruneAt, zone)],
    ['title', paint.bold(proposal.title)],
    ['routine', `${proposal.routine}, ${proposal.run}`],
    ['repository', proposal.repository],
    ['branch', `${proposal.branch} from ${proposal.baseBranch} at ${proposal.base.slice(0, 10)}`],
    ['root cause', proposal.rootCause],
    ['explanation', proposal.explanation],
    ['commits', proposal.commits.map((commit) => `${commit.hash.slice(0, 10)} ${commit.subject}`).join('\n')],
    [
      'files',
      proposal.files
        .filter(({ runsHere }) => !runsHere)
        .map(fileLine)
        .join('\n'),
    ],
    [
      'would run on your machine',
      paint.yellow(
        proposal.files
          .filter(({ runsHere }) => runsHere)
          .map(runsLine)
          .join('\n'),
      ),
    ],
    ['cost', `${money(proposal.costMicros)}  ${modelWords(proposal)}`],
    ['not done', notDone(proposal)],
    ['comments', proposal.comments.map((comment) => `${place(comment)}${comment.text}`).join('\n')],
  ]);
  return [...shown, ...claimLines(paint, proposal), ...evidence(paint, proposal)];
}

const standings = { backed: 'green', not_backed: 'red', said_only: 'yellow' } as const;

/** Each claim with the calls that show it, and how they ended. */
function claimLines(paint: Paint, { claims, mentions = [] }: Proposal): string[] {
  if (!claims) return [];
  const none = claims.length === 0 ? ['  It named nothing that shows what it says.'] : [];
  const named =
    mentions.length === 0
      ? []
      : [paint.dim('calls that the description names'), ...mentions.flatMap(({ call }) => callLines(paint, call))];
  return [
    paint.dim('claims'),
    ...none,
    ...claims.flatMap(({ text, standing, calls, missing }) => [
      `  ${paint[standings[standing]](claimWords[standing].padEnd(10))}  ${text}`,
      ...missing.map((name) => `      ${paint.red('not on record of this run:')} ${name}`),
      ...calls.flatMap((call) => callLines(paint, call)),
    ]),
    ...named,
  ];
}

function callLines(paint: Paint, { call, tool, target, ok, exitCode, excerpt, changedSince, by }: ShownCall): string[] {
  const notes = [
    exitCode === null ? (ok ? 'done' : 'failed') : `exit ${exitCode}`,
    ...(changedSince && tool === 'Bash' ? ['files changed since'] : []),
    ...(by === 'host' ? ['linked by its words'] : []),
    call,
  ];
  const last = excerpt.trimEnd().split('\n').slice(-3);
  return [
    `      ${tool} ${target.split('\n', 1)[0]}  ${paint.dim(`(${notes.join(', ')})`)}`,
    ...(excerpt === '' ? [] : last.map((line) => `        ${paint.dim(line)}`)),
  ];
}

/** Checks before and after the change, command by command. */
export function evidence(paint: Paint, proposal: Proposal): string[] {
  return [
    `${paint.dim('checks')}  ${checksPainted(paint, proposal.before, proposal.after)}${proposal.after ? paint.dim(`  (run by Nightshift on a clean checkout of ${proposal.after.commit.slice(0, 10)})`) : ''}`,
    ...(proposal.before?.results ?? []).map((check) => checkLine(paint, 'before', check)),
    ...(proposal.after?.results ?? []).map((check) => checkLine(paint, 'after', check)),
  ];
}

export function notDone(proposal: Proposal): string {
  if (proposal.notDone === null) return 'It did not say.';
  return proposal.notDone.length === 0
    ? 'Nothing was left out, it says.'
    : proposal.notDone.map((item) => `- ${item}`).join('\n');
}

export function decideWords(paint: Paint, proposal: Proposal): string[] {
  return [
    `  nightshift proposals approve ${proposal.id}`,
    `  nightshift proposals reject ${proposal.id} --reason '…'`,
    `  nightshift proposals revise ${proposal.id} --comment '…'`,
  ].map(paint.typed);
}

export function landedWords(proposal: Proposal): string {
  const how = proposal.landedHow === null ? '' : ` (${proposal.landedHow.replaceAll('_', ' ')})`;
  return `${proposal.into ?? '?'} as ${proposal.landedAs?.slice(0, 10) ?? '?'}${how}`;
}

/** A unified diff, coloured where colour is wanted. */
export function diffLines(paint: Paint, patch: string): string[] {
  return patch
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) return paint.bold(line);
      if (line.startsWith('@@')) return paint.cyan(line);
      if (line.startsWith('+')) return paint.green(line);
      return line.startsWith('-') ? paint.red(line) : line;
    });
}

function stateWords(paint: Paint, proposal: Proposal): string {
  if (proposal.state === 'open') return paint.yellow('open');
  return proposal.state === 'approved' ? paint.green('approved') : proposal.state;
}

function fileLine(file: Proposal['files'][number]): string {
  const name = file.from ? `${file.from} → ${file.path}` : file.path;
  return `${name}  ${file.binary ? 'binary' : `+${file.additions} −${file.deletions}`}  ${file.status}`;
}

function runsLine(file: Proposal['files'][number]): string {
  return `${fileLine(file)}  ${file.runsHere}`;
}

function place(comment: Proposal['comments'][number]): string {
  if (!comment.path) return '';
  return comment.line ? `${comment.path}:${comment.line} ` : `${comment.path} `;
}
