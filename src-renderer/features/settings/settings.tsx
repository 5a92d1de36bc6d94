/** How this machine and its model stand, in words, and the few things one can set. */

import { useSelect } from '#state/use.ts';
import { Choice } from '#ui/field.tsx';
import { Page, Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { type Theme, useTheme } from '#ui/theme.ts';
import { Doctor } from './doctor.tsx';
import { HostFacts } from './host-facts.tsx';
import { hostWords } from './host-words.ts';
import { ModelKey } from './model-key.tsx';

const themes: { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function Settings() {
  const host = useSelect((state) => state.host);
  const [theme, setTheme] = useTheme();
  return (
    <Page name="Settings" sentence={host ? hostWords(host) : 'Asking the host…'}>
      {!host && <Skeleton rows={6} />}
      {host && (
        <>
          <Section title="Model">
            <ModelKey model={host.model} />
          </Section>
          <Doctor />
          <Section title="Look">
            <Choice label="Theme" value={theme} options={themes} onChange={setTheme} />
          </Section>
          <Section title="This host">
            <HostFacts host={host} />
          </Section>
        </>
      )}
    </Page>
  );
}
