/** A drawing at real pixel width: its children get the width and are never scaled. */
import type { ReactNode } from 'react';
import { useWidth } from './use-width.ts';

/** @param label the plot as a sentence, for those who cannot see it */
export function Plot({
  height,
  label,
  children,
}: {
  height: number;
  label: string;
  children: (width: number) => ReactNode;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={box} style={{ blockSize: height, minInlineSize: 0 }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          {children(width)}
        </svg>
      )}
    </div>
  );
}
