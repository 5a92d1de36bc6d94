/** What is settled about a routine: its wake-up, its times, its limits. */
import { AlarmClock, AlarmClockOff } from 'lucide-react';
import { useRef } from 'react';
import type { Routine, RoutineRules } from '#contract/routines.ts';
import { criteriaOf } from '#contract/rubric.ts';
import { visible } from '#contract/visible.ts';
import { useAnswer } from '#state/use.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { useNow } from '#ui/now.ts';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { capital, count, plural, sentence } from '#ui/words.ts';
import { DueTimes } from './due-times.tsx';
import { askedWords, modeWords } from './permission-words.ts';
import { policyWords } from './policy-words.ts';
import s from './routine-facts.module.css';

const wakes: Record<Routine['registration']['state'], string> = {
  registered: 'The operating system wakes it.',
  not_needed: 'There is nothing to wake it for.',
  degraded: 'Its timer does not do what it should.',
  unavailable: 'The operating system cannot wake it.',
};
export function RoutineFacts({ routine }: { routine: Routine }) {
  const { spec, next, words } = routine;
  const registration = useRegistration(routine);
  const woken = registration.state === 'registered';
  const now = useNow();
  const policies = spec ? policyWords(spec.policies, now) : [];
  const Icon = woken ? AlarmClock : AlarmClockOff;
  return (
    <>
      <Section title="When">
        <div className={s.when}>
          {spec && (
            <p>
              <strong>{words}</strong>
              <br />
              <span className={s.quiet}>{spec.timeZone}</span>
            </p>
          )}
          <p className={s.wake} data-state={registration.state}>
            <Icon size={15} aria-hidden />
            <span>
              <strong>{wakes[registration.state]}</strong>{' '}
              {registration.detail && <Prose text={capital(sentence(registration.detail))} />}
            </span>
          </p>
          {spec && next.length > 0 && (
            <DueTimes times={next.slice(0, 5)} zone={spec.timeZone} hours={spec.policies.activeHours} />
          )}
          {spec?.paused && <p className={s.quiet}>Paused: nothing is due until you resume it.</p>}
        </div>
      </Section>
      {spec && (
        <Section title="How">
          <Facts>
            <Fact name="Repository">
              <code>{spec.repository}</code>
            </Fact>
            <Fact name="Branches">
              <code>
                {spec.branchPrefix}
                {routine.id}/…
              </code>
            </Fact>
            <Fact name="Model">
              {spec.model}, {spec.effort} effort{spec.advisor && `, advised by ${visible(spec.advisor)}`}
            </Fact>
            <Fact name="Permission">
              {modeWords[spec.permissionMode]}. {askedWords(spec)}.
            </Fact>
            <Fact name="Rules of its own">
              <Rules permissions={spec.permissions} />
            </Fact>
            <Fact name="Network">
              {spec.network.length === 0
                ? 'None'
                : spec.network.map((host) => (
                    <code key={host} className={s.check}>
                      {visible(host)}
                    </code>
                  ))}
            </Fact>
            {spec.web && spec.web.length > 0 && <Fact name="On the web">{spec.web.join(' and ')}</Fact>}
            <Fact name="Checks">
              {spec.checks.length === 0
                ? 'None: a proposal will come without proof'
                : spec.checks.map((check) => (
                    <code key={check} className={s.check}>
                      {check}
                    </code>
                  ))}
            </Fact>
            {spec.goal && (
              <Fact name="Goal">
                {visible(spec.goal)} You are asked after {plural(spec.goalRounds, 'round')} without progress.
              </Fact>
            )}
            {(spec.rubric || spec.artifacts.length > 0) && (
              <Fact name="Rubric">
                {plural(criteriaOf(spec.rubric).length + spec.artifacts.length, 'criterion', 'criteria')}, graded at
                most {plural(spec.iterations, 'time')}
              </Fact>
            )}
            <Fact name="Limits of a run">
              {plural(spec.limits.turns, 'turn')}, {spec.limits.minutes} min, ${spec.limits.dollars},{' '}
              {plural(spec.limits.toolCalls, 'tool call')}, {count(spec.limits.tokens)} tokens,{' '}
              {count(spec.limits.outputTokens)} of them written
            </Fact>
            <Fact name="Limit of a day">${spec.limits.dollarsPerDay}, all its runs together</Fact>
            <Fact name="When things get in the way">
              {policies.length === 0
                ? 'As usual: of what was missed the newest is run, one run at a time'
                : policies.join(' ')}
            </Fact>
            <Fact name="Folder">
              <code>{routine.folder}</code>
            </Fact>
          </Facts>
        </Section>
      )}
      {!spec && (
        <Section title="How">
          <Facts>
            <Fact name="Folder">
              <code>{routine.folder}</code>
            </Fact>
          </Facts>
        </Section>
      )}
    </>
  );
}

const lists = ['allow', 'ask', 'deny'] as const;

function Rules({ permissions }: { permissions: RoutineRules }) {
  const written = lists.flatMap((word) => permissions[word].map((rule) => ({ rule, word })));
  if (written.length === 0) return 'None: those of the repository and yours count';
  return written.map(({ rule, word }) => (
    <span key={`${word} ${rule}`} className={s.check}>
      {word} <code>{visible(rule)}</code>
    </span>
  ));
}

/**
 * As the system says it now. The list only knows what was said when the timer was written, so the first answer is waited
 * for without words; later ones replace each other.
 */
function useRegistration({ id, next, registration }: Routine): Routine['registration'] {
  const last = useRef<Routine['registration']>({ ...registration, detail: '' });
  const answer = useAnswer(`registration of ${id} ${next[0]} ${registration.detail}`, (client) =>
    client.routines.get({ routine: id }),
  );
  if (answer.is === 'here') last.current = answer.value.registration;
  if (answer.is === 'failed') return registration;
  return answer.is === 'here' || last.current.state === registration.state ? last.current : registration;
}
