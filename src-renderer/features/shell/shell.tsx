/** The frame around every screen: where to go, whether it is live, and the keys that work everywhere. */
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { rehearsalNotice } from '#contract/host.ts';
import { useSelect } from '#state/use.ts';
import { useKeys } from '#ui/keys.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { useKeptFocus } from './kept-focus.ts';
import { KeyHelp } from './key-help.tsx';
import { OfflineBar } from './offline-bar.tsx';
import { Palette } from './palette.tsx';
import { PauseAllDialog, PausedBar } from './pause-all.tsx';
import { PausingContext } from './pausing.ts';
import { places } from './places.ts';
import s from './shell.module.css';
import { Sidebar } from './sidebar.tsx';

export function Shell({ children }: { children: ReactNode }) {
  const [location, go] = useLocation();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [pausing, setPausing] = useState(false);
  const askPause = useCallback(() => setPausing(true), []);
  const rehearsal = useSelect((state) => state.host?.model.rehearsal ?? false);
  const main = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  useKeptFocus(stage, main);

  useKeys({
    'Mod+k': { what: 'Search or run a command', do: () => setPalette(true) },
    '?': { what: 'Show these keys', do: () => setHelp(true) },
    ...Object.fromEntries(
      places.map(({ key, name, href }) => [`g ${key}`, { what: `Go to ${name}`, do: () => go(href) }]),
    ),
  });

  // A new screen starts at its top, and the keyboard with it.
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    main.current?.scrollTo(0, 0);
    // A screen that begins with a field has the focus there already.
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [location]);

  return (
    <div className={s.shell}>
      <Sidebar onSearch={() => setPalette(true)} onPause={askPause} />
      <div ref={stage} className={s.stage}>
        <OfflineBar />
        <PausedBar />
        {rehearsal && (
          <aside className={s.rehearsal} aria-label={rehearsalNotice}>
            <RehearsalBadge />
          </aside>
        )}
        <main ref={main} tabIndex={-1} className={s.main} id="main">
          <PausingContext value={askPause}>{children}</PausingContext>
        </main>
      </div>
      <Palette open={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} onPause={askPause} />
      <PauseAllDialog open={pausing} onClose={() => setPausing(false)} />
      <KeyHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}
