/** What the run was told by files: which ones, from whom, what they weigh in every request, and which do not count. */
import { BookOpenText } from 'lucide-react';
import type { InstructionLayer } from '#contract/instructions.ts';
import { visible } from '#contract/visible.ts';
import type { Instructed } from '#state/transcript.ts';
import { plural } from '#ui/words.ts';
import s from './policy-bar.module.css';
import { RunBar } from './run-bar.tsx';

const whose: Record<InstructionLayer, string> = {
  managed: 'of the administrator',
  person: 'yours, everywhere',
  project: 'of the repository',
  local: 'yours, for this repository',
};

export function InstructionBar({ instructed }: { instructed: readonly Instructed[] }) {
  const files = instructed.flatMap((event) =>
    event.files.map((file) => ({ ...file, late: event.occasion === 'files' })),
  );
  const problems = instructed.flatMap((event) => event.problems);
  const tokens = files.reduce((sum, file) => sum + file.tokens, 0);
  return (
    <RunBar
      icon={BookOpenText}
      title="What it was told"
      glance={
        <>
          <span>{files.length === 0 ? 'no instruction files' : plural(files.length, 'file')}</span>
          {files.length > 0 && <span>about {plural(tokens, 'token')} in every request</span>}
        </>
      }
      problems={problems.map(({ path, message, cure }) => (
        <>
          <code>{visible(path)}</code>: {visible(message)}. {cure}
        </>
      ))}
    >
      {files.length === 0 ? (
        <p>
          Neither the repository nor you have a CLAUDE.md or AGENTS.md: the routine’s own words are all it was told.
        </p>
      ) : (
        <dl className={s.facts}>
          {files.map(({ path, layer, importedBy, tokens: cost, late }) => (
            <div key={path} className={s.pair}>
              <dt>
                <code>{visible(path)}</code>
              </dt>
              <dd>
                {whose[layer]}, {plural(cost, 'token')}
                {importedBy && (
                  <>
                    , imported by <code>{visible(importedBy)}</code>
                  </>
                )}
                {late && ', since it touched files there'}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {files.length > 1 && <p>Where two differ, the later one holds.</p>}
    </RunBar>
  );
}
