/** The same week as rows of a table: for reading aloud, searching and copying. */
import { Link } from 'wouter';
import { clock, count, day } from '#ui/words.ts';
import type { WeekOf } from './use-week.ts';
import s from './week-table.module.css';
import { lengthWords } from './words.ts';

export function WeekTable({ week, now }: { week: WeekOf; now: number }) {
  return (
    <table className={s.table}>
      <caption className="sr-only">Due times of the coming seven days</caption>
      <thead>
        <tr>
          <th scope="col">Due</th>
          <th scope="col">Routine</th>
          <th scope="col">Takes</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {week.days.flat().map(({ key, name, href, first: one, last, times, routines, held, crowded }) => (
          <tr key={key}>
            <td>
              {day(one.start, now)} {clock(one.start)}
              {times > 1 && ` to ${clock(last.start)}, ${count(times)} times`}
            </td>
            <td>
              <Link href={href} className={s.way}>
                {name}
              </Link>
            </td>
            <td>
              {routines === 1 && lengthWords(one)}
              {routines === 1 && times > 1 && ' each'}
            </td>
            <td>{held ? 'will be skipped' : crowded ? 'collides' : 'starts'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
