/** A verb to press; where it needs the host it says why it cannot be pressed while there is none. */
import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { Link } from 'wouter';
import { useLive } from '#state/use.ts';
import s from './button.module.css';
import { cx } from './cx.ts';
import { isLetter, useLetters } from './letters.ts';

type Look = 'plain' | 'primary' | 'danger' | 'ghost';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: LucideIcon;
  /** Shown on the control; named as in `useKeys`. */
  hotkey?: string;
  busy?: boolean;
  /** Icon only: the words are for screen readers and the tooltip. */
  bare?: boolean;
}

export function Button({ look = 'plain', icon: Icon, hotkey, busy, bare, children, ...rest }: ButtonProps) {
  const [letters] = useLetters();
  // A disabled button would lose the focus: while it is busy, it only does nothing.
  const press = (event: MouseEvent<HTMLButtonElement>) => (busy ? event.preventDefault() : rest.onClick?.(event));
  return (
    <button
      type="button"
      {...rest}
      onClick={press}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      {...shortcut(hotkey, letters)}
      className={cx(s.button, s[look], bare && s.bare, rest.className)}
    >
      {Icon && <Icon size={15} aria-hidden />}
      <span className={cx(s.words, bare && 'sr-only')}>{children}</span>
      <Hotkey name={hotkey} letters={letters} />
    </button>
  );
}

/** A button whose work is done by the host. */
export function HostButton(props: ButtonProps) {
  const live = useLive();
  if (live) return <Button {...props} />;
  return (
    <Button {...props} disabled title="Not connected to the host. This works again when the connection is back." />
  );
}

interface ButtonLinkProps {
  href: string;
  look?: Look;
  icon?: LucideIcon;
  hotkey?: string;
  children: ReactNode;
}
export function ButtonLink({ href, look = 'plain', icon: Icon, hotkey, children }: ButtonLinkProps) {
  const [letters] = useLetters();
  return (
    <Link href={href} className={cx(s.button, s[look])} {...shortcut(hotkey, letters)}>
      {Icon && <Icon size={15} aria-hidden />}
      <span className={s.words}>{children}</span>
      <Hotkey name={hotkey} letters={letters} />
    </Link>
  );
}

/** A letter that does nothing is not promised. */
const works = (name: string, letters: boolean) => letters || !isLetter(name);

function shortcut(name: string | undefined, letters: boolean): { 'aria-keyshortcuts'?: string } {
  return name && works(name, letters) ? { 'aria-keyshortcuts': name.replace('Mod+', 'Control+') } : {};
}

function Hotkey({ name, letters }: { name: string | undefined; letters: boolean }) {
  if (!name || !works(name, letters)) return null;
  return <kbd className={s.key}>{name.replace('Mod+', 'Ctrl ').replace('Shift+', '⇧')}</kbd>;
}
