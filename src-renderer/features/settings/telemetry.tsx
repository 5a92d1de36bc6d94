/** Whether spans of runs go to a collector: off unless a person names one; what came of it stands beside it. */
import { useState } from 'react';
import { TelemetryEndpoint } from '#contract/traces.ts';
import { useAction, useAnswer } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, inputClass } from '#ui/field.tsx';
import { Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { plural, sentence } from '#ui/words.ts';
import s from './budgets.module.css';

export function Telemetry() {
  const answer = useAnswer('telemetry', (client) => client.telemetry.get());
  const [text, setText] = useState('');
  const set = useAction(async (client, endpoint: string | null) => {
    await client.telemetry.set({ endpoint });
    setText('');
    answer.again();
  });
  const read = TelemetryEndpoint.safeParse(text.trim());
  const wrong = text.trim() !== '' && !read.success ? 'An address such as http://localhost:4318.' : undefined;
  const refused = set.fault && [sentence(set.fault.message), set.fault.cure].filter(Boolean).join('\n');
  const now = answer.is === 'here' ? answer.value : null;
  return (
    <Section title="Telemetry" aside={now ? (now.endpoint === null ? 'off' : 'on') : undefined}>
      {answer.is === 'loading' && <Skeleton rows={1} />}
      {answer.is === 'failed' && <FaultNote fault={answer.fault} title="It cannot be told" />}
      {now && (
        <div className={s.budgets}>
          <p>
            {now.endpoint === null ? (
              'Nothing about your runs is sent to anyone.'
            ) : (
              <>
                Every run that ends goes to <code>{now.endpoint}</code>
                {now.waiting > 0 && `; ${plural(now.waiting, 'run')} waiting`}.
              </>
            )}
            {now.endpoint !== null && now.last && ` ${now.last.message}`}
          </p>
          {now.endpoint === null ? (
            <form
              className={s.form}
              onSubmit={(event) => {
                event.preventDefault();
                if (read.success) void set.run(read.data);
              }}
            >
              <Field
                label="OpenTelemetry collector"
                error={wrong ?? refused ?? undefined}
                hint="OTLP over HTTP, base address."
              >
                {(ids) => (
                  <input
                    {...ids}
                    className={inputClass}
                    type="url"
                    value={text}
                    onChange={(event) => {
                      set.clear();
                      setText(event.target.value);
                    }}
                  />
                )}
              </Field>
              <HostButton type="submit" busy={set.busy} disabled={!read.success}>
                Switch on
              </HostButton>
            </form>
          ) : (
            <div>
              <HostButton busy={set.busy} onClick={() => void set.run(null)}>
                Switch off
              </HostButton>
              {set.fault && <FaultNote fault={set.fault} title="It is as it was" />}
            </div>
          )}
          <p className={s.hint}>
            Spans and token counts by OpenTelemetry’s conventions for generative AI: names of tools and routines, times,
            tokens, dollars, codes. Never a prompt, an answer, a command or a result.
          </p>
        </div>
      )}
    </Section>
  );
}
