/** The one next step after a failure, in a page's terms: a place to go where a terminal would name a command. */
import type { FaultData } from '#contract/faults.ts';
import type { Reason } from '#contract/runs.ts';

export interface Step {
  /** May be empty, where the link says it all. */
  words: string;
  href?: string;
  link?: string;
}

export type Failure = Pick<FaultData, 'message' | 'cure' | 'field'> & { code: FaultData['code'] | Reason['code'] };

const lists: Record<string, Step> = {
  routine: { words: '', href: '/routines', link: 'All routines' },
  run: { words: '', href: '/runs', link: 'All runs' },
  proposal: { words: '', href: '/proposals', link: 'All proposals' },
  question: { words: '', href: '/questions', link: 'All questions' },
};

/** Null: there is nothing a person could do now. */
export function nextStep({ code, message, cure = '', field }: Failure): Step | null {
  const inTerminal = /\bnightshift\b/.test(cure);
  switch (code) {
    case 'model.key_missing':
      return cure && !inTerminal
        ? { words: cure, href: '/settings', link: 'See the key in Settings' }
        : { words: '', href: '/settings', link: 'Store a key in Settings' };
    case 'model.key_rejected':
      return { words: '', href: '/settings', link: 'Store another key in Settings' };
    case 'model.unknown':
      return {
        words: 'Correct the model id of the routine, or the address of the model.',
        href: '/settings',
        link: 'See the address in Settings',
      };
    case 'model.retired':
      return successorStep(cure);
    case 'model.wrong_address':
      return { words: 'Correct the address of the model.', href: '/settings', link: 'See the address in Settings' };
    case 'model.bad_request':
      return {
        words: 'Check that the model and its address belong together.',
        href: '/settings',
        link: 'See the address in Settings',
      };
    case 'not_found': {
      const of = field ?? /\b(routine|run|proposal|question)\b/.exec(message)?.[1] ?? '';
      return lists[of] ?? (cure ? { words: cure } : null);
    }
    case 'repo.conflict':
    case 'repo.checkout_dirty':
      return { words: 'Choose another branch.' };
    case 'host.unreachable':
      return { words: 'The page connects again by itself; then try again.' };
    case 'internal':
      if (!inTerminal) break;
      return { words: 'The log of the host says more.', href: '/settings', link: 'See its folder in Settings' };
    case 'conflict': {
      if (field === 'bind') return { words: 'It has changed meanwhile: look at it again.' };
      if (field === 'withFilesThatRun') return { words: 'Look at them, then tick that you have.' };
      const run = /\brun-[0-9a-z]{8,24}\b/.exec(cure)?.[0];
      if (run) return { words: '', href: `/runs/${run}`, link: 'Open that run' };
      const routine = /nightshift routines (?:edit|resume) ([a-z0-9-]+)/.exec(cure)?.[1];
      if (routine) return { words: '', href: `/routines/${routine}`, link: 'Open that routine' };
      break;
    }
  }
  return cure ? { words: cure } : null;
}

/** The model that the command names, if it names one; a one-off is only to be had anew. */
function successorStep(cure: string): Step {
  const model = /--model ([\w.-]+)`/.exec(cure)?.[1] ?? 'another model';
  return cure.includes('`nightshift run ')
    ? { words: `Start it again with ${model}.`, href: '/runs', link: 'All runs' }
    : { words: `Choose ${model} for the routine.`, href: '/routines', link: 'All routines' };
}
