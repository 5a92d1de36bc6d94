/** What an administrator has fixed and where, and what in the settings files does not count. Absent where there is neither. */
import { Lock, TriangleAlert } from 'lucide-react';
import type { LockedSetting } from '#contract/settings.ts';
import { visible } from '#contract/visible.ts';
import { useAnswer } from '#state/use.ts';
import { FaultNote } from '#ui/fault-note.tsx';
import { Section } from '#ui/page.tsx';
import { sentence } from '#ui/words.ts';
import s from './managed.module.css';

const words: Record<LockedSetting['what'], string> = {
  forbiddenMode: 'Modes that nobody may choose',
  featureOff: 'Switched off',
  model: 'The only model',
  models: 'The only models',
  baseUrl: 'The only address of a model',
  deny: 'Denied to every run',
  managedRulesOnly: 'Allow rules of routines, repositories and persons do not count',
};

export function Managed() {
  const settings = useAnswer('settings', (client) => client.settings.effective());
  if (settings.is === 'loading') return null;
  if (settings.is === 'here' && settings.value.locked.length + settings.value.problems.length === 0) return null;
  return (
    <Section title="Fixed by an administrator">
      {settings.is === 'failed' && <FaultNote fault={settings.fault} title="The settings files cannot be read" />}
      {settings.is === 'here' && (
        <ul className={s.managed}>
          {settings.value.locked.map((one) => (
            <li key={`${one.what} ${one.file} ${one.values.join(' ')}`}>
              <Lock size={14} aria-hidden />
              <div>
                {words[one.what]}
                {one.values.length > 0 && ': '}
                {one.values.map((value, index) => (
                  <span key={value}>
                    {index > 0 && ', '}
                    <code>{visible(value)}</code>
                  </span>
                ))}
                <div className={s.file}>
                  fixed in <code>{visible(one.file)}</code>
                </div>
              </div>
            </li>
          ))}
          {settings.value.problems.map((problem) => (
            <li key={problem} className={s.problem}>
              <TriangleAlert size={14} aria-hidden />
              <div>{sentence(visible(problem))}</div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
