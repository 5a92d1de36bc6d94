/** What the shapes of a drawing mean, one item each; whoever draws them styles the `i` in front. */
import type { ReactNode } from 'react';
import s from './legend.module.css';

/** @param children `li` elements */
export const Legend = ({ children }: { children: ReactNode }) => <ul className={s.legend}>{children}</ul>;
