/** What a record of the audit says, in words: a title, and the one thing that it is about. */
import {
  Bot,
  Box,
  Check,
  CircleHelp,
  CircleX,
  Globe,
  GlobeLock,
  Hand,
  Hourglass,
  Link2,
  ListChecks,
  type LucideIcon,
  MessageSquare,
  Play,
  RotateCcw,
  ScrollText,
  ShieldAlert,
  ShieldCheck,
  ShieldX,
  Square,
  Terminal,
} from 'lucide-react';
import type { AuditRecord } from '#contract/audit.ts';
import { describeCall, isDenial } from '#contract/state.ts';
import type { Tone } from '#ui/mark.tsx';
import { capital, plural } from '#ui/words.ts';

export interface AuditWords {
  icon: LucideIcon;
  title: string;
  tone?: Tone;
  /** As it was written, in a script for machines. */
  exact?: string;
  more?: string;
}

type Fields = Record<string, unknown>;

/** The input, as far as it was kept; null: none, or cut off in the middle. */
export function inputOf({ input_redacted: text }: AuditRecord): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

type Told = (record: AuditRecord, input: Fields) => AuditWords;

export function auditWords(record: AuditRecord): AuditWords {
  const told = table[record.what];
  if (told) return told(record, fields(inputOf(record)));
  return { icon: ScrollText, title: capital(record.what.replaceAll(/[._]/g, ' ')), ...more(record.code) };
}

const table: Record<string, Told> = {
  'run.queued': () => ({ icon: Hourglass, title: 'Asked to run' }),
  'run.started': (_, { branch }) => ({ icon: Play, title: 'Started', ...exactly(branch) }),
  'run.resumed': ({ code }) => ({ icon: RotateCcw, title: 'Taken up again', ...more(code) }),
  'run.parked': () => ({ icon: Hand, title: 'Stands still', tone: 'waiting' }),
  'run.tainted': (_, { sign, unprobed }) => ({
    ...{ icon: ShieldAlert, tone: 'failed', ...more(sign, unprobed) },
    title: unprobed === undefined ? 'Tainted: a result speaks to the agent' : 'Tainted: a result could not be probed',
  }),
  'run.ended': ({ code }, { reason }) => ({
    ...{ icon: Square, title: 'Over', ...more(code?.replaceAll('_', ' '), fields(reason).message) },
  }),
  'permission.decided': (record, { segment }) => ({
    ...decided(record),
    ...exactly(segment),
    ...more(record.rule && `rule ${record.rule}`, record.code),
  }),
  'tool.started': ({ tool }, input) => ({
    ...{ icon: Terminal, title: tool ?? 'A tool', ...exactly(subject(tool ?? '', input)) },
  }),
  'tool.finished': cameBack,
  'net.attempted': ({ decision, hosts, code }) =>
    decision === 'deny'
      ? { icon: GlobeLock, title: 'A host was refused', tone: 'failed', ...exactly(hosts?.join(', ')), ...more(code) }
      : { icon: Globe, title: 'A host was reached', ...exactly(hosts?.join(', ')), ...more(code) },
  'question.asked': ({ code }, input) => {
    const { command, path, host } = fields(input.action);
    return { icon: Hand, title: 'Asks you', tone: 'waiting', ...exactly(command ?? path ?? host), ...more(code) };
  },
  'question.answered': answered,
  'question.used': () => ({ icon: ShieldCheck, title: 'The approval was used' }),
  'checks.finished': ({ code }, input) => ({
    ...{ icon: ListChecks, title: code === 'before' ? 'Checks before the work' : 'Checks after it', ...checks(input) },
  }),
  'sandbox.ready': (_, { enforced }) => ({
    ...{ icon: Box, title: 'Sandbox ready', ...more(plural(list(enforced).length, 'bound')) },
  }),
  'policy.loaded': (_, { mode }) => ({ icon: ScrollText, title: 'Rules read', ...more(mode) }),
  'message.added': (_, { text }) => ({ icon: MessageSquare, title: 'It was told', ...more(text) }),
  'agent.started': (_, { agent, name, description }) => ({
    ...{ icon: Bot, title: `Subagent ${agent} started`, ...more(`${name}: ${description}`) },
  }),
  'agent.continued': (_, { agent }) => ({ icon: Bot, title: `Subagent ${agent} is spoken to again` }),
  'agent.ended': ({ code }, { agent }) => ({ icon: Bot, title: `Subagent ${agent} has ended its turn`, ...more(code) }),
  checkpoint: ({ checkpoint }) => ({
    ...{ icon: Link2, title: 'Checkpoint', ...more(checkpoint?.signature ? 'signed' : 'without a key') },
  }),
};

function cameBack({ tool, code, exit }: AuditRecord): AuditWords {
  const name = tool ?? 'A tool';
  if (isDenial(code)) return { icon: CircleX, title: `${name} was not run`, ...more(code) };
  const told = more(exit === null ? null : `exit ${exit}`, code);
  if (code === null && (exit === null || exit === 0)) return { icon: Check, title: `${name} came back`, ...told };
  return { icon: CircleX, title: `${name} came back`, tone: 'failed', ...told };
}

function answered({ actor, decision }: AuditRecord, { note }: Fields): AuditWords {
  if (decision === 'allow') return { icon: ShieldCheck, title: 'You approved it', tone: 'completed', ...more(note) };
  const title = actor === 'person' ? 'You denied it' : 'Nobody answered: denied';
  return { icon: CircleX, title, tone: 'failed', ...more(note) };
}

function decided({ tool, decision }: AuditRecord): AuditWords {
  const name = tool ?? 'A call';
  if (decision === 'deny') return { icon: ShieldX, title: `${name} was denied`, tone: 'failed' };
  if (decision === 'ask') return { icon: CircleHelp, title: `${name} has to be asked`, tone: 'waiting' };
  return { icon: ShieldCheck, title: `${name} was allowed` };
}

function checks({ results }: Fields): Pick<AuditWords, 'more' | 'tone'> {
  const all = list(results).map(fields);
  const failed = all.filter(({ passed }) => passed !== true).length;
  if (all.length === 0) return {};
  if (failed === 0) return { more: 'all pass', tone: 'completed' };
  return { more: `${failed} of ${all.length} fail` };
}

/** Without the tool's own name before it. */
function subject(tool: string, input: Fields): string {
  return describeCall(tool, input).slice(tool.length).trim();
}

const exactly = (text: unknown): Pick<AuditWords, 'exact'> => (typeof text === 'string' && text ? { exact: text } : {});

function more(...parts: unknown[]): Pick<AuditWords, 'more'> {
  const words = parts.filter((part) => typeof part === 'string' && part !== '');
  return words.length > 0 ? { more: words.join(', ') } : {};
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
