/** Ctrl/⌘ K: everything one can open or do, by its name. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Search } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Routine } from '#contract/routines.ts';
import { openProposals, runsNewestFirst } from '#state/select.ts';
import { useAction, usePausedAll, useSelect } from '#state/use.ts';
import { Dialog } from '#ui/dialog.tsx';
import { lookOfRun } from '#ui/mark.tsx';
import { themes, useTheme } from '#ui/theme.ts';
import { useToast } from '#ui/toasts.tsx';
import s from './palette.module.css';
import { useResumeAll } from './pause-all.tsx';
import { places } from './places.ts';

interface Command {
  value: string;
  label: string;
  kind: string;
  do(): void;
}

interface PaletteProps {
  open: boolean;
  onClose(): void;
  /** Shows the keys. */
  onHelp(): void;
  /** Asks until when all routines are paused. */
  onPause(): void;
}

export function Palette({ open, onClose, onHelp, onPause }: PaletteProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Search or run a command" untitled wide>
      <Commands onClose={onClose} onHelp={onHelp} onPause={onPause} />
    </Dialog>
  );
}

function Commands({ onClose, onHelp, onPause }: Omit<PaletteProps, 'open'>) {
  const items = useCommands(onHelp, onPause);
  const choose = (command: Command) => {
    onClose();
    command.do();
  };
  return (
    <Autocomplete.Root
      open
      inline
      items={items}
      autoHighlight="always"
      keepHighlight
      itemToStringValue={(item) => item.label}
    >
      <div className={s.field}>
        <Search size={16} aria-hidden />
        <Autocomplete.Input className={s.input} placeholder="Where to, or what to do?" aria-label="Search commands" />
        <kbd className={s.key}>Esc</kbd>
      </div>
      <div>
        <Autocomplete.Empty className={s.empty}>Nothing is called that.</Autocomplete.Empty>
        <Autocomplete.List className={s.list}>
          {(command: Command) => (
            <Autocomplete.Item key={command.value} value={command} onClick={() => choose(command)} className={s.item}>
              <span className={s.label}>{command.label}</span>
              <span className={s.kind}>{command.kind}</span>
            </Autocomplete.Item>
          )}
        </Autocomplete.List>
      </div>
    </Autocomplete.Root>
  );
}

function useCommands(onHelp: () => void, onPause: () => void): Command[] {
  const [, go] = useLocation();
  const toast = useToast();
  const [, setTheme] = useTheme();
  const routines = useSelect((state) => state.routines);
  const proposals = useSelect(openProposals);
  const runs = useSelect((state) => runsNewestFirst(state).slice(0, 30));
  const paused = usePausedAll(Date.now());
  const resume = useResumeAll();
  const start = useAction((client, routine: string) => client.routines.run({ routine }));
  const runNow = async (routine: Routine) => {
    const started = await start.run(routine.id);
    if (started) go(`/runs/${started.run}`);
    else toast({ title: 'It did not start', description: 'Open the routine and press Run now to see why.' });
  };
  const name = (id: string) => routines.find((routine) => routine.id === id)?.spec?.name ?? id;
  return [
    ...proposals.map((proposal) => ({
      value: proposal.id,
      label: proposal.title,
      kind: 'Review proposal',
      do: () => go(`/proposals/${proposal.id}`),
    })),
    ...places.map((place) => ({
      value: place.href,
      label: place.name,
      kind: `g ${place.key}`,
      do: () => go(place.href),
    })),
    { value: 'new', label: 'New routine', kind: 'Do', do: () => go('/routines/new') },
    paused
      ? { value: 'resume all', label: 'Resume all routines', kind: 'Do', do: () => void resume.run() }
      : { value: 'pause all', label: 'Pause all routines until …', kind: 'Do', do: onPause },
    { value: 'keys', label: 'Show the keys', kind: 'Do', do: onHelp },
    ...themes.map(({ value, words }) => ({
      value: `theme ${value}`,
      label: `Theme: ${words}`,
      kind: 'Do',
      do: () => setTheme(value),
    })),
    ...routines
      .filter((routine) => routine.spec)
      .map((routine) => ({
        value: `run ${routine.id}`,
        label: `Run now: ${name(routine.id)}`,
        kind: 'Do',
        do: () => void runNow(routine),
      })),
    ...routines.map((routine) => ({
      value: `open ${routine.id}`,
      label: name(routine.id),
      kind: 'Routine',
      do: () => go(`/routines/${routine.id}`),
    })),
    ...runs.map((run) => ({
      value: run.id,
      label: `${run.name ?? name(run.routine)} · ${run.id}`,
      kind: lookOfRun(run).word,
      do: () => go(`/runs/${run.id}`),
    })),
  ];
}
