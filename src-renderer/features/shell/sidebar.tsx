/** Where one is, where one can go, and what waits there. */
import { Monitor, Moon as MoonIcon, PauseCircle, Search, Sun } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { counts } from '#state/select.ts';
import { useLive, usePausedAll, useSelect } from '#state/use.ts';
import { cx } from '#ui/cx.ts';
import { useNow } from '#ui/now.ts';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { type Theme, themes, useTheme } from '#ui/theme.ts';
import { useResumeAll } from './pause-all.tsx';
import { places } from './places.ts';
import s from './sidebar.module.css';

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const themeIcons = { system: Monitor, light: Sun, dark: MoonIcon };

export function Sidebar({ onSearch, onPause }: { onSearch(): void; onPause(): void }) {
  const [location] = useLocation();
  const badges = useSelect(counts);
  const rehearsal = useSelect((state) => state.host?.model.rehearsal ?? false);
  const model = useSelect((state) => state.host?.model.auto);
  const [theme, setTheme] = useTheme();
  const ThemeIcon = themeIcons[theme];
  return (
    <nav className={s.sidebar} aria-label="Main">
      <div className={s.brand}>
        <img src="/favicon.svg" alt="" width={24} height={24} />
        <span className={s.name}>Nightshift</span>
      </div>
      <button type="button" className={s.search} onClick={onSearch} aria-label="Search or run a command">
        <Search size={15} aria-hidden />
        <span className={s.label}>Search or run</span>
        <kbd className={s.label}>Ctrl K</kbd>
      </button>
      <ul className={s.places}>
        {places.map((place) => {
          const here = place.href === '/' ? location === '/' : location.startsWith(place.href);
          const badge = place.badge ? badges[place.badge] : 0;
          return (
            <li key={place.href}>
              <Link href={place.href} className={s.place} aria-current={here ? 'page' : undefined} title={place.name}>
                <place.icon size={17} aria-hidden />
                <span className={s.label}>{place.name}</span>
                {badge > 0 && <span className={cx(s.badge, place.calls && s.calls)}>{badge}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
      <div className={s.foot}>
        {rehearsal ? (
          <div className={s.rehearsal}>
            <RehearsalBadge />
          </div>
        ) : (
          model && (
            <p className={s.model}>
              <span className={s.label}>Model</span> <span className={s.label}>{model}</span>
            </p>
          )
        )}
        <PauseSwitch onPause={onPause} />
        <button type="button" className={s.theme} onClick={() => setTheme(next[theme])} title="Change the theme">
          <ThemeIcon size={15} aria-hidden />
          <span className={s.themeWord}>
            <span className="sr-only">Theme: </span>
            {themes.find(({ value }) => value === theme)?.words}
          </span>
        </button>
      </div>
    </nav>
  );
}

/** On while all routines are paused; switching it on asks until when. */
function PauseSwitch({ onPause }: { onPause(): void }) {
  const paused = usePausedAll(useNow()) !== null;
  const live = useLive();
  const resume = useResumeAll();
  return (
    <button
      type="button"
      role="switch"
      aria-checked={paused}
      aria-label="Pause all routines"
      disabled={!live || resume.busy}
      title={live ? 'Pause all routines' : 'Not connected to the host.'}
      className={s.pause}
      onClick={() => (paused ? void resume.run() : onPause())}
    >
      <PauseCircle size={15} aria-hidden />
      <span className={s.label}>{paused ? 'All paused' : 'Pause all'}</span>
      <i className={cx(s.switch, s.label)} aria-hidden />
    </button>
  );
}
