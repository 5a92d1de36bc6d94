/** What a record of the audit says, in words: a title, and the one thing that it is about. */
import {
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
import { describeCall } from '#contract/state.ts';
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

export function auditWords(record: AuditRecord): AuditWords {
  const { what, tool, code, exit, hosts } = record;
  const input = fields(inputOf(record));
  switch (what) {
    case 'permission.decided':
      return { ...decided(record), ...exactly(input.segment), ...more(record.rule && `rule ${record.rule}`, code) };
    case 'tool.started':
      return { icon: Terminal, title: tool ?? 'A tool', ...exactly(subject(tool ?? '', input)) };
    case 'tool.finished': {
      const failed = code !== null || (exit !== null && exit !== 0);
      const ended = exit === null ? [] : [`exit ${exit}`];
      return {
        ...{ icon: failed ? CircleX : Check, title: `${tool ?? 'A tool'} came back` },
        ...{ tone: failed ? ('failed' as const) : undefined, ...more(...ended, code) },
      };
    }
    case 'net.attempted': {
      const refused = record.decision === 'deny';
      return {
        ...{ icon: refused ? GlobeLock : Globe, title: refused ? 'A host was refused' : 'A host was reached' },
        ...{ tone: refused ? ('failed' as const) : undefined, ...exactly(hosts?.join(', ')), ...more(code) },
      };
    }
    case 'question.asked': {
      const action = fields(input.action);
      const about = action.command ?? action.path ?? action.host;
      return { icon: Hand, title: 'Asks you', tone: 'waiting', ...exactly(about), ...more(code) };
    }
    case 'question.answered': {
      const yes = record.decision === 'allow';
      const title = record.actor !== 'person' ? 'Nobody answered: denied' : yes ? 'You approved it' : 'You denied it';
      return { icon: yes ? ShieldCheck : CircleX, title, tone: yes ? 'completed' : 'failed', ...more(input.note) };
    }
    case 'checks.finished':
      return {
        icon: ListChecks,
        title: code === 'before' ? 'Checks before the work' : 'Checks after it',
        ...checks(input),
      };
    case 'sandbox.ready':
      return { icon: Box, title: 'Sandbox ready', ...more(plural(list(input.enforced).length, 'bound')) };
    case 'policy.loaded':
      return { icon: ScrollText, title: 'Rules read', ...more(input.mode) };
    case 'message.added':
      return { icon: MessageSquare, title: 'It was told', ...more(input.text) };
    case 'run.tainted':
      return { icon: ShieldAlert, title: 'Tainted: a result speaks to the agent', tone: 'failed', ...more(input.sign) };
    case 'run.ended':
      return { icon: Square, title: 'Over', ...more(code?.replaceAll('_', ' '), fields(input.reason).message) };
    case 'checkpoint':
      return { icon: Link2, title: 'Checkpoint', ...more(record.checkpoint?.signature ? 'signed' : 'without a key') };
    default:
      return { ...(turns[what] ?? { icon: ScrollText, title: capital(what.replaceAll(/[._]/g, ' ')) }), ...more(code) };
  }
}

const turns: Record<string, AuditWords> = {
  'run.queued': { icon: Hourglass, title: 'Asked to run' },
  'run.started': { icon: Play, title: 'Started' },
  'run.resumed': { icon: RotateCcw, title: 'Taken up again' },
  'run.parked': { icon: Hand, title: 'Stands still', tone: 'waiting' },
  'question.used': { icon: ShieldCheck, title: 'The approval was used' },
};

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
