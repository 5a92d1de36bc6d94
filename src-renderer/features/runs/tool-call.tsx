/** One tool call: one line of what and how it went, that opens to what it printed or changed. */
import {
  ChevronRight,
  CircleX,
  FileDiff,
  FilePlus2,
  FileSearch,
  FileText,
  Globe,
  Loader,
  type LucideIcon,
  Search,
  ShieldX,
  Terminal,
  Wrench,
} from 'lucide-react';
import type { ToolView } from '#contract/events.ts';
import type { HandsImage } from '#contract/hands.ts';
import { describeCall, isDenial } from '#contract/state.ts';
import type { ToolRow } from '#state/transcript.ts';
import { cx } from '#ui/cx.ts';
import { Output } from '#ui/output.tsx';
import { Patch } from '#ui/patch.tsx';
import { clockSeconds, plural, span } from '#ui/words.ts';
import s from './tool-call.module.css';

const icons: Record<string, LucideIcon> = {
  Bash: Terminal,
  Read: FileText,
  Edit: FileDiff,
  Write: FilePlus2,
  Glob: FileSearch,
  Grep: Search,
  WebSearch: Globe,
  WebFetch: Globe,
};

interface ToolCallProps {
  row: ToolRow;
  at: string;
  open: boolean;
  onToggle(call: string): void;
}

export function ToolCall({ row, at, open, onToggle }: ToolCallProps) {
  const { result, name } = row;
  const Icon = icons[name] ?? Wrench;
  const target = describeCall(name, row.input).slice(name.length).trim();
  const denied = isDenial(result?.code ?? null);
  return (
    <div className={cx(s.call, result && !result.ok && s.failed)}>
      <button
        type="button"
        className={s.line}
        aria-expanded={open}
        disabled={!result}
        onClick={() => onToggle(row.call)}
        title={clockSeconds(at)}
      >
        <ChevronRight size={14} aria-hidden className={s.chevron} />
        <Icon size={15} aria-hidden />
        <strong>{name}</strong>
        <code className={s.target}>{target}</code>
        <span className={s.result}>
          {!result && (
            <>
              <Loader size={13} aria-hidden className={s.turning} /> running
            </>
          )}
          {result && !result.ok && (denied ? <ShieldX size={13} aria-hidden /> : <CircleX size={13} aria-hidden />)}
          {result && resultWords(result, denied)}
        </span>
      </button>
      {open && result && (
        <div className={s.inside}>
          <Asked name={name} input={row.input} target={target} />
          {result.image && (
            <img
              className={s.image}
              src={pictureOf(result.image)}
              alt={`What the agent saw: ${target}`}
              loading="lazy"
            />
          )}
          <View view={result.view} label={`${name} ${target}`} />
          {!result.ok && result.view.kind !== 'text' && result.text && (
            <p className={s.told}>The model was told: {result.text.slice(0, 600)}</p>
          )}
        </div>
      )}
    </div>
  );
}

function resultWords({ ok, code, view }: NonNullable<ToolRow['result']>, denied: boolean): string {
  if (denied) return `denied (${code})`;
  if (view.kind === 'terminal') {
    const exit = view.exitCode === null ? 'ended by force' : `exit ${view.exitCode}`;
    return `${ok && view.exitCode === 0 ? '' : `${exit} · `}${span(view.milliseconds)} · ${lines(view.output)}`;
  }
  if (!ok) return `failed (${code ?? 'no reason given'})`;
  if (view.kind === 'diff') {
    const changes = view.patch.split('\n').filter((line) => !/^(\+\+\+|---)/.test(line));
    const added = changes.filter((line) => line.startsWith('+')).length;
    const removed = changes.filter((line) => line.startsWith('-')).length;
    return `+${added} −${removed}`;
  }
  return lines(view.text);
}

const lines = (text: string) =>
  text === '' ? 'no output' : plural(text.replace(/\n$/, '').split('\n').length, 'line');

/** The whole of a command, where the line above could show only its beginning. */
function Asked({ name, input, target }: { name: string; input: unknown; target: string }) {
  if (name !== 'Bash' || typeof input !== 'object' || input === null || !('command' in input)) return null;
  const command = String(input.command);
  return command === target ? null : <pre className={s.command}>{command}</pre>;
}

/** Bytes as the record holds them, under one of the few types that its schema knows; none of them can run anything. */
const pictureOf = ({ mediaType, base64 }: HandsImage) => `data:${mediaType};base64,${base64}`;

function View({ view, label }: { view: ToolView; label: string }) {
  if (view.kind === 'terminal') return <Output text={view.output} label={label} />;
  if (view.kind === 'text') return <Output text={view.text} label={label} />;
  return <Patch patch={view.patch} path={view.path} />;
}
