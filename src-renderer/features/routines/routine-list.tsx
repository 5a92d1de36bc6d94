/** All routines: what each does, when it comes next, how its last two weeks went. */
import { Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { nextDue } from '#state/select.ts';
import { useHost, useLive, useSelect } from '#state/use.ts';
import { ButtonLink } from '#ui/button.tsx';
import { inputClass } from '#ui/field.tsx';
import { useKeys } from '#ui/keys.tsx';
import { lookOfRoutine, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import { Page } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { More } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { Ago } from '#ui/when.tsx';
import { capital, count, nextWords, plural, spelled } from '#ui/words.ts';
import { LedgerStrip } from './ledger-strip.tsx';
import { ProblemNote } from './problem-note.tsx';
import s from './routine-list.module.css';

/** Up to so many are seen at a glance. */
const few = 8;
/** Routines at first, and with each press for more. */
const page = 50;

export function RoutineList() {
  useRowKeys();
  const [, go] = useLocation();
  const { refresh } = useHost();
  const live = useLive();
  const ready = useSelect((state) => state.seq !== null);
  const routines = useSelect((state) => state.routines);
  const next = useSelect(nextDue);
  const now = useNow();

  // Folders may have been edited by hand since.
  useEffect(() => {
    if (live) void refresh().catch(() => undefined);
  }, [live, refresh]);
  useKeys({
    n: { what: 'New routine', do: () => go('/routines/new') },
    ...(routines.length > few && { '/': { what: 'Find a routine', do: () => field.current?.focus() } }),
  });

  // In the address, so that going back finds it again.
  const [search, setSearch] = useSearchParams();
  const text = search.get('find') ?? '';
  const find = (next: string) => setSearch(next ? { find: next } : {}, { replace: true });
  const field = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(page);
  const found = text ? routines.filter((routine) => matches(routine, text.trim())) : routines;

  return (
    <Page
      name="Routines"
      sentence={ready ? sentenceOf(routines) : 'Reading the routines…'}
      more={next && nextWords(next.routine.spec?.name ?? next.routine.id, next.at, now)}
      actions={
        <ButtonLink href="/routines/new" icon={Plus} look="primary" hotkey="n">
          New routine
        </ButtonLink>
      }
    >
      {!ready && <Skeleton rows={3} height={76} />}
      {routines.length > few && (
        <div className={s.find}>
          <input
            ref={field}
            type="search"
            className={inputClass}
            aria-label="Find a routine"
            placeholder="Find by name, repository or schedule"
            value={text}
            onChange={(event) => find(event.target.value)}
          />
          <span role="status">{text && `${count(found.length)} of ${plural(routines.length, 'routine')}`}</span>
        </div>
      )}
      {routines.length > 0 && found.length === 0 && <p>No routine is like that. Look for fewer words.</p>}
      {found.length > 0 && (
        <ul className={s.list} aria-label="Routines">
          {found.slice(0, shown).map((routine) => (
            <li key={routine.id} className={s.item} data-row="">
              <Item routine={routine} />
            </li>
          ))}
        </ul>
      )}
      <More left={found.length - shown} page={page} onMore={() => setShown(shown + page)} bare />
      {ready && routines.length === 0 && (
        <p>
          A routine is a prompt, a repository and a time. For example: every night at 03:00, read the day's log of a
          service, find the error that keeps coming back, and propose the fix with a test.
        </p>
      )}
    </Page>
  );
}

function Item({ routine }: { routine: Routine }) {
  const next = routine.next[0];
  return (
    <>
      <div className={s.mark}>
        <Mark look={lookOfRoutine(routine)} />
      </div>
      <div className={s.words}>
        <h2>
          <Link href={`/routines/${routine.id}`} className={s.name}>
            {routine.spec?.name ?? routine.id}
          </Link>
        </h2>
        {routine.spec?.description && <p className={s.description}>{routine.spec.description}</p>}
        {routine.problem && <ProblemNote problem={routine.problem} />}
        {routine.registration.state !== 'registered' &&
          routine.registration.state !== 'not_needed' &&
          !routine.problem && (
            <p className={s.description}>
              <Prose text={routine.registration.detail} />
            </p>
          )}
      </div>
      {!routine.problem && (
        <>
          <div className={s.when}>
            <span>{routine.words}</span>
            <span className={s.next}>{next ? <Ago at={next} /> : routine.spec && notDue(routine.spec)}</span>
          </div>
          <div className={s.strip}>
            <LedgerStrip routine={routine.id} zone={routine.spec?.timeZone ?? 'UTC'} />
          </div>
        </>
      )}
    </>
  );
}

/** The words of the schedule say already that it is started by hand. */
function notDue({ paused, schedule }: RoutineSpec): string | null {
  if (paused) return 'not while it is paused';
  return schedule.trim().toLowerCase() === 'manual' ? null : 'not due again';
}

/** All words of `text`, anywhere in what a person reads of it. */
function matches({ id, spec, words }: Routine, text: string): boolean {
  const all = [id, spec?.name, spec?.description, spec?.repository, words].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function sentenceOf(routines: readonly Routine[]): string {
  const broken = routines.filter((routine) => routine.problem).length;
  const on = routines.filter((routine) => routine.next.length > 0).length;
  if (routines.length === 0) return 'No routines yet.';
  if (broken > 0)
    return broken === 1 ? 'One routine cannot be read.' : `${capital(spelled(broken))} routines cannot be read.`;
  if (on === 0) return 'No routine is on shift.';
  return on === 1 ? 'One routine is on shift.' : `${capital(spelled(on))} routines are on shift.`;
}
