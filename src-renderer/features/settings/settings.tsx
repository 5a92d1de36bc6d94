/** How this machine and its model stand, in words, and the few things one can set. */

import { useSelect } from '#state/use.ts';
import { Choice } from '#ui/field.tsx';
import { useLetters } from '#ui/letters.ts';
import { Page, Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { themes, useTheme } from '#ui/theme.ts';
import { capital } from '#ui/words.ts';
import { Budgets } from './budgets.tsx';
import { Doctor } from './doctor.tsx';
import { Drill } from './drill.tsx';
import { HostFacts } from './host-facts.tsx';
import { hostWords } from './host-words.ts';
import { Managed } from './managed.tsx';
import { ModelKey } from './model-key.tsx';
import s from './settings.module.css';
import { Telemetry } from './telemetry.tsx';

const themeOptions = themes.map(({ value, words }) => ({ value, label: capital(words) }));

const onOff = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const;

export function Settings() {
  const host = useSelect((state) => state.host);
  const [theme, setTheme] = useTheme();
  const [letters, setLetters] = useLetters();
  return (
    <Page name="Settings" sentence={host ? hostWords(host) : 'Asking the host…'}>
      {!host && <Skeleton rows={6} />}
      {host && (
        <>
          <Section title="Model">
            <ModelKey model={host.model} />
          </Section>
          <Budgets />
          <Managed />
          <Telemetry />
          <Doctor />
          <Drill />
          <Section title="Look and keys">
            <div className={s.choices}>
              <Choice label="Theme" value={theme} options={themeOptions} onChange={setTheme} />
              <Choice
                label="Keys of one letter"
                value={letters ? 'on' : 'off'}
                options={onOff}
                onChange={(value) => setLetters(value === 'on')}
                hint="Such as j, a or g p. Turn them off if you speak to your computer or hit keys unawares; Ctrl K finds everything."
              />
            </div>
          </Section>
          <Section title="This host">
            <HostFacts host={host} />
          </Section>
        </>
      )}
    </Page>
  );
}
