/** Stand-ins of the final height; CSS keeps them invisible for the first 150 ms. */
import s from './skeleton.module.css';

export function Skeleton({ rows, height = 44 }: { rows: number; height?: number }) {
  return (
    <div className={s.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={index} className={s.row} style={{ blockSize: height }} />
      ))}
    </div>
  );
}
