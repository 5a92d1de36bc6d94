/** Checks before and after, side by side: the claim that something was mended, with its output. */
import { ArrowRight, ChevronRight, CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import type { CheckResult, CheckRound } from '#contract/runs.ts';
import { checkWord } from '#features/proposals/claims.ts';
import { Output } from '#ui/output.tsx';
import { span } from '#ui/words.ts';
import s from './check-strip.module.css';

export function CheckStrip({ before, after }: { before: CheckRound | null; after: CheckRound | null }) {
  const commands = [...new Set([...(before?.results ?? []), ...(after?.results ?? [])].map((check) => check.command))];
  if (commands.length === 0) return <p className={s.none}>No checks were set: nothing proves this change.</p>;
  const of = (round: CheckRound | null, command: string) => round?.results.find((check) => check.command === command);
  return (
    <ul className={s.strip} aria-label="Checks">
      {commands.map((command) => (
        <Check key={command} command={command} before={of(before, command)} after={of(after, command)} />
      ))}
    </ul>
  );
}

interface CheckProps {
  command: string;
  before: CheckResult | undefined;
  after: CheckResult | undefined;
}
function Check({ command, before, after }: CheckProps) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button type="button" className={s.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={14} aria-hidden className={s.chevron} />
        <code className={s.command}>{command}</code>
        <span className={s.verdicts}>
          {before && <Verdict when="before" check={before} />}
          {before && after && <ArrowRight size={14} aria-hidden />}
          {after && <Verdict when="after" check={after} />}
        </span>
      </button>
      {open && (
        <div className={s.outputs}>
          {before && <CheckOutput when="Before" check={before} />}
          {after && <CheckOutput when="After" check={after} />}
        </div>
      )}
    </li>
  );
}

function Verdict({ when, check }: { when: string; check: CheckResult }) {
  const Icon = check.passed ? CircleCheck : CircleX;
  return (
    <span className={s.verdict} data-passed={check.passed}>
      <Icon size={14} aria-hidden />
      <span>
        {checkWord(check)} {when}
      </span>
    </span>
  );
}

const CheckOutput = ({ when, check }: { when: string; check: CheckResult }) => (
  <div>
    <h3 className={s.when}>
      {when}: {checkWord(check)}, {span(check.milliseconds)}
    </h3>
    <Output text={check.output} label={`${when}: output of ${check.command}`} />
  </div>
);
