/** What the run was told by files: which ones, from whom, what they weigh in every request, and which do not count. */
import { BookOpenText } from 'lucide-react';
import { type AgentFile, type InstructionLayer, ignoredWords, type SkillFile } from '#contract/instructions.ts';
import { visible } from '#contract/visible.ts';
import type { Instructed, Remembered } from '#state/transcript.ts';
import { Prose } from '#ui/prose.tsx';
import { plural } from '#ui/words.ts';
import s from './policy-bar.module.css';
import { RunBar } from './run-bar.tsx';

export const instructionOwners: Record<InstructionLayer, string> = {
  managed: 'of the administrator',
  person: 'yours, everywhere',
  project: 'of the repository',
  local: 'yours, for this repository',
};

export function InstructionBar({
  instructed,
  memory,
}: {
  instructed: readonly Instructed[];
  memory: Remembered | null;
}) {
  const files = instructed.flatMap((event) =>
    event.files.map((file) => ({ ...file, late: event.occasion === 'files' })),
  );
  const problems = instructed.flatMap((event) => event.problems);
  const skills = instructed.flatMap((event) => event.skills ?? []);
  const kinds = instructed.flatMap((event) => event.agents ?? []);
  const own = kinds.filter(({ layer }) => layer !== 'built_in');
  const tokens = [...files, ...skills, ...kinds].reduce((sum, file) => sum + file.tokens, memory?.tokens ?? 0);
  return (
    <RunBar
      icon={BookOpenText}
      title="What it was told"
      glance={
        <>
          <span>{files.length === 0 ? 'no instruction files' : plural(files.length, 'file')}</span>
          {skills.length > 0 && <span>{plural(skills.length, 'skill')}</span>}
          {own.length > 0 && <span>{plural(own.length, 'kind')} of subagents</span>}
          {tokens > 0 && <span>about {plural(tokens, 'token')} in every request</span>}
        </>
      }
      problems={problems.map(({ path, message, cure }) => (
        <>
          <code>{visible(path)}</code>: <Prose text={`${visible(message)}. ${cure}`} />
        </>
      ))}
    >
      {files.length + skills.length === 0 ? (
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
                {instructionOwners[layer]}, {plural(cost, 'token')}
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
      {memory && <p>{remembered(memory)}</p>}
      {skills.length > 0 && <SkillList skills={skills} />}
      {kinds.length > 0 && <KindList kinds={kinds} />}
    </RunBar>
  );
}

function remembered({ files, tokens, cut }: Remembered): string {
  if (files.length === 0) return 'Nothing was kept from earlier runs yet.';
  const names = files.map(({ file }) => visible(file)).join(', ');
  const rest = cut ? '; the index is longer than what it was given of it' : '';
  return `From earlier runs on this repository: ${names}, ${plural(tokens, 'token')}${rest}.`;
}

function KindList({ kinds }: { kinds: readonly AgentFile[] }) {
  return (
    <dl className={s.facts} aria-label="Kinds of subagents">
      {kinds.map(({ name, layer, path, model, tools, tokens, bodyTokens, ignored }) => (
        <div key={name} className={s.pair}>
          <dt>
            <code>{visible(name)}</code>
          </dt>
          <dd>
            {layer === 'built_in' ? 'subagent, built in' : `subagent ${instructionOwners[layer]}`}
            {path && (
              <>
                , <code>{visible(path)}</code>
              </>
            )}
            {model && `, asks ${visible(model)}`}, has {tools.join(', ') || 'no tools'}: {plural(tokens, 'token')} in
            every request, {plural(bodyTokens, 'token')} once started
            {ignored.length > 0 && `; ${ignoredWords(ignored).replaceAll('`', '')}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const callers = { agent: 'the agent', prompt: 'a prompt' };

function SkillList({ skills }: { skills: readonly SkillFile[] }) {
  return (
    <dl className={s.facts} aria-label="Skills">
      {skills.map(({ name, kind, layer, path, calledBy, tokens, bodyTokens, ignored }) => (
        <div key={name} className={s.pair}>
          <dt>
            <code>{visible(name)}</code>
          </dt>
          <dd>
            {kind} {instructionOwners[layer]}, <code>{visible(path)}</code>, called by{' '}
            {calledBy.map((who) => callers[who]).join(' or ') || 'nobody'}: {plural(tokens, 'token')} in every request,{' '}
            {plural(bodyTokens, 'token')} once called
            {ignored.length > 0 && `; ${ignoredWords(ignored).replaceAll('`', '')}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}
