/** Seven days below one another, each from midnight to midnight: what starts when, how long it takes, where it is crowded. */
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { cx } from '#ui/cx.ts';
import { Legend } from '#ui/legend.tsx';
import { useWidth } from '#ui/use-width.ts';
import { clock, count, day } from '#ui/words.ts';
import type { Entry } from './entries.ts';
import { isStep, type Lane, layLanes, partOfDay, stepFrom } from './lanes.ts';
import type { WeekOf } from './use-week.ts';
import s from './week-lanes.module.css';
import { entryWords } from './words.ts';

/** Pixels. */
const line = 15;
/** A shorter band has no room for words. */
const bandWords = 60;

export function WeekLanes({ week, now }: { week: WeekOf; now: number }) {
  const [, go] = useLocation();
  const [box, width] = useWidth<HTMLDivElement>();
  const [key, setKey] = useState<string | null>(null);
  const id = useId();
  const lanes = width > 0 ? layLanes(week.days, week.midnights, width) : [];
  const shown = lanes.flatMap(({ placed }) => placed.map(({ entry }) => entry));
  const active = shown.find((one) => one.key === key) ?? shown[0];
  const idOf = (one: Entry) => `${id}-${one.key.replaceAll(' ', '-')}`;
  const open = ({ href }: Entry) => go(href);
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && active) open(active);
    else if (isStep(event.key)) setKey(stepFrom(lanes, active?.key ?? null, event.key)?.key ?? null);
    else return;
    event.preventDefault();
  };
  const step = width < 420 ? 6 : 3;
  const hours = Array.from({ length: 24 / step + 1 }, (_, index) => index * step);
  return (
    <div className={s.week}>
      <div className={s.hours} aria-hidden>
        <div className={s.scale} ref={box}>
          {hours.map((hour) => (
            <span key={hour} className={s.hour} style={{ insetInlineStart: (hour / 24) * width }}>
              {String(hour % 24).padStart(2, '0')}
            </span>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: positions are instants here, which a table's cells are not */}
      <div
        role="grid"
        tabIndex={0}
        aria-label="Due times of seven days. Arrows move, Enter opens the routine."
        aria-activedescendant={active && idOf(active)}
        className={s.grid}
        onKeyDown={press}
      >
        {lanes.map((lane) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus for all that is in it
          <div key={lane.from} role="row" className={s.lane}>
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
            <div role="rowheader" className={s.day}>
              {day(lane.from, now)}
              {lane.more > 0 && <span className={s.more}>+ {lane.more} more</span>}
            </div>
            <div role="presentation" className={s.marks} style={{ blockSize: lane.lines * line + 12 }}>
              {hours.slice(1, -1).map((hour) => (
                <i key={hour} className={s.tick} style={{ insetInlineStart: (hour / 24) * width }} />
              ))}
              <Crowds lane={lane} week={week} width={width} />
              {now >= lane.from && now < lane.to && (
                <i className={s.now} style={{ insetInlineStart: partOfDay(now) * width }} />
              )}
              {lane.placed.map(({ entry: one, left, width: length, line: at, named }) => (
                // biome-ignore lint/a11y/useSemanticElements: as above
                // biome-ignore lint/a11y/useFocusableInteractive: as above
                // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
                <div
                  key={one.key}
                  id={idOf(one)}
                  role="gridcell"
                  aria-label={entryWords(one, now)}
                  aria-selected={one === active}
                  title={entryWords(one, now)}
                  onClick={() => open(one)}
                  onPointerEnter={() => setKey(one.key)}
                  className={cx(one.times > 1 ? s.band : s.mark, one.crowded && s.crowded, one.held && s.held)}
                  style={{ insetInlineStart: left, inlineSize: length, insetBlockStart: at * line + 8 }}
                >
                  {one.times > 1 && length > bandWords && (
                    <span aria-hidden className={s.often}>
                      {one.name}, {count(one.times)} times
                    </span>
                  )}
                  {named && (
                    <span aria-hidden className={s.name} style={{ insetInlineStart: length + 6 }}>
                      {one.name}
                    </span>
                  )}
                </div>
              ))}
            </div>
          </div>
        ))}
      </div>
      <p className={s.told}>{active && entryWords(active, now)}</p>
      <Legend>
        <li>
          <i className={cx(s.key, s.mark)} /> starts, for as long as usual
        </li>
        <li>
          <i className={cx(s.key, s.band)} /> more than 12 times a day
        </li>
        <li>
          <i className={cx(s.key, s.mark, s.crowded)} /> collides
        </li>
        <li>
          <i className={cx(s.key, s.mark, s.held)} /> will be skipped
        </li>
        <li>
          <i className={cx(s.key, s.now)} /> now, {clock(now)}
        </li>
      </Legend>
    </div>
  );
}

/** The times of a day in which more would run than may, behind the marks. */
function Crowds({ lane, week, width }: { lane: Lane; week: WeekOf; width: number }) {
  const spans: { left: number; right: number }[] = [];
  for (const { from, to } of week.collisions) {
    if (from >= lane.to || to <= lane.from) continue;
    const left = (from <= lane.from ? 0 : partOfDay(from) * width) - 3;
    const right = Math.max(left + 8, (to >= lane.to ? width : partOfDay(to) * width) + 3);
    const before = spans.at(-1);
    if (before && left <= before.right) before.right = Math.max(before.right, right);
    else spans.push({ left, right });
  }
  return spans.map(({ left, right }) => (
    <i key={left} className={s.crowd} style={{ insetInlineStart: left, inlineSize: right - left }} />
  ));
}
