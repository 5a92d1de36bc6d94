/** Fourteen days of one routine: a column a day, a block for each kind of fate; shape and place tell as much as hue. */
import { useSelect } from '#state/use.ts';
import { useNow } from '#ui/now.ts';
import { Plot } from '#ui/plot.tsx';
import { day as dayWords, plural } from '#ui/words.ts';
import f from './fate.module.css';
import { FateLegend } from './fate-legend.tsx';
import { type Fate, fateOf, fates } from './fates.ts';
import s from './ledger-strip.module.css';

const days = 14;
const hours24 = 86_400_000;

interface StripProps {
  routine: string;
  zone: string;
  height?: number;
  /** Day names below, and a legend. */
  legible?: boolean;
}

export function LedgerStrip({ routine, zone, height = 26, legible = false }: StripProps) {
  const now = useNow();
  const from = new Date(now - days * hours24).toISOString();
  const rows = useSelect((state) => state.ledger.filter((row) => row.routine === routine && row.dueAt >= from));
  const runs = useSelect((state) => state.runs);
  const columns = Array.from({ length: days }, (_, index) => {
    const at = now - (days - 1 - index) * hours24;
    return { at, name: dayWords(at, now, zone), tally: { ran: 0, late: 0, skipped: 0, failed: 0 } };
  });
  const totals = { ran: 0, late: 0, skipped: 0, failed: 0 };
  for (const row of rows) {
    const fate = fateOf(row, row.run ? runs[row.run] : undefined);
    const name = dayWords(row.dueAt, now, zone);
    const column = columns.find((one) => one.name === name);
    if (!fate || !column) continue;
    column.tally[fate] += 1;
    totals[fate] += 1;
  }
  const words = fates.filter((fate) => totals[fate] > 0).map((fate) => `${totals[fate]} ${fate}`);
  const label = `Last 14 days: ${words.join(', ') || 'nothing was due'}.`;
  const axis = legible ? 18 : 0;
  return (
    <>
      <Plot height={height + axis} label={label}>
        {(width) => {
          const step = width / days;
          return columns.map(({ at, name, tally }, index) => (
            <g key={at} transform={`translate(${Math.round(index * step)} 0)`}>
              <title>{`${name}: ${
                fates
                  .filter((fate) => tally[fate] > 0)
                  .map((fate) => `${tally[fate]} ${fate}`)
                  .join(', ') || 'nothing due'
              }`}</title>
              <Column tally={tally} width={Math.max(4, Math.floor(step) - (legible ? 4 : 2))} height={height} />
              {legible && (index % 3 === 1 || index === days - 1) && (
                <text x={Math.floor(step / 2) - 2} y={height + 14} className={s.day}>
                  {new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(at)}
                </text>
              )}
            </g>
          ));
        }}
      </Plot>
      {legible && (
        <FateLegend kinds={fates} totals={totals}>
          <li className={s.total}>{plural(rows.length, 'due time')} in 14 days</li>
        </FateLegend>
      )}
    </>
  );
}

/** Stacked from below: what went well at the bottom, trouble on top, where it is seen. */
function Column({ tally, width, height }: { tally: Record<Fate, number>; width: number; height: number }) {
  const total = fates.reduce((sum, fate) => sum + tally[fate], 0);
  if (total === 0) return <rect y={height - 3} width={width} height={3} rx={1.5} className={s.none} />;
  let top = height;
  return fates
    .filter((fate) => tally[fate] > 0)
    .map((fate) => {
      const share = (tally[fate] / total) * height;
      top -= share;
      const inset = fate === 'skipped' ? 0.75 : 0;
      return (
        <g key={fate} className={f.fate} data-fate={fate}>
          <rect
            x={inset}
            y={top + inset}
            width={width - 2 * inset}
            height={Math.max(3, share - (total > tally[fate] ? 1 : 0) - 2 * inset)}
            rx={2.5}
            className={f.shape}
          />
          {fate === 'failed' && (
            <path d={`M${width / 2 - 3} ${top + share / 2 - 3}l6 6m0 -6l-6 6`} className={f.cross} />
          )}
          {fate === 'late' && <rect y={top} width={width} height={3} rx={1} className={f.cap} />}
        </g>
      );
    });
}
