/** Where one can go; the sidebar, the palette and the `g` keys all read this. */
import {
  CalendarClock,
  CalendarDays,
  Coins,
  GitPullRequestArrow,
  Hand,
  type LucideIcon,
  Moon,
  Play,
  Settings2,
} from 'lucide-react';
import type { Counts } from '#state/select.ts';

interface Place {
  href: string;
  name: string;
  icon: LucideIcon;
  key: string;
  badge?: keyof Counts;
  /** The badge asks for a person. */
  calls?: boolean;
}

export const places: readonly Place[] = [
  { href: '/', name: 'Tonight', icon: Moon, key: 't' },
  { href: '/week', name: 'Week', icon: CalendarDays, key: 'w' },
  { href: '/questions', name: 'Approvals', icon: Hand, key: 'a', badge: 'questions', calls: true },
  { href: '/proposals', name: 'Proposals', icon: GitPullRequestArrow, key: 'p', badge: 'proposals', calls: true },
  { href: '/routines', name: 'Routines', icon: CalendarClock, key: 'u', badge: 'broken', calls: true },
  { href: '/runs', name: 'Runs', icon: Play, key: 'r', badge: 'working' },
  { href: '/costs', name: 'Costs', icon: Coins, key: 'c' },
  { href: '/settings', name: 'Settings', icon: Settings2, key: 's' },
];
