/** One tool call: one line of what and how it went, that opens to what it printed or changed. */
import {
  ChevronRight,
  CircleX,
  FileDiff,
  FilePlus2,
  FileSearch,
  FileText,
  Loader,
  type LucideIcon,
  Search,
  ShieldX,
  Terminal,
  Wrench,
} from 'lucide-react';
import { useMemo } from 'react';
import { parseDiff } from 'react-diff-view';
import type { ToolView } from '#contract/events.ts';
import { describeCall } from '#contract/state.ts';
import type { ToolRow } from '#state/transcript.ts';
import { cx } from '#ui/cx.ts';
import { Hunk } from '#ui/hunk.tsx';
import { Output } from '#ui/output.tsx';
import { clockSeconds, count, plural, span } from '#ui/words.ts';
import s from './tool-call.module.css';

const icons: Record<string, LucideIcon> = {
  Bash: Terminal,
  Read: FileText,
  Edit: FileDiff,
  Write: FilePlus2,
  Glob: FileSearch,
  Grep: Search,
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
  const denied = result?.code?.startsWith('permission') || result?.code?.includes('denied');
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
          {result && resultWords(result, denied ?? false)}
        </span>
      </button>
      {open && result && (
        <div className={s.inside}>
          <Asked name={name} input={row.input} target={target} />
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

function View({ view, label }: { view: ToolView; label: string }) {
  if (view.kind === 'terminal') return <Output text={view.output} label={label} />;
  if (view.kind === 'text') return <Output text={view.text} label={label} />;
  return <Patch patch={view.patch} path={view.path} />;
}

/** Lines of a patch that a transcript shows; the proposal has the whole change. */
const patchLimit = 2000;

function Patch({ patch, path }: { patch: string; path: string }) {
  const files = useMemo(() => readPatch(patch), [patch]);
  const long = patch.split('\n').length > patchLimit;
  if (long || files.length === 0)
    return (
      <Output text={patch || `${path} is as it was.`} label={`Change of ${path}, ${count(patch.length)} characters`} />
    );
  return (
    <div className={s.patch}>
      {files.map((file) =>
        file.hunks.map((hunk) => <Hunk key={hunk.content} file={file} hunk={hunk} view="unified" />),
      )}
    </div>
  );
}

/** A patch the library cannot read is shown as text instead. */
function readPatch(patch: string): ReturnType<typeof parseDiff> {
  try {
    return parseDiff(patch).filter((file) => file.hunks.length > 0);
  } catch {
    return [];
  }
}
