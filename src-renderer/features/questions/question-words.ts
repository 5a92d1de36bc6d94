/** What a question asks, what a yes and a no mean, and how it ended, in words. */
import {
  Ban,
  Check,
  CircleX,
  Coins,
  FileDiff,
  Globe,
  Hand,
  Hourglass,
  type LucideIcon,
  ShieldAlert,
  Target,
  Terminal,
  Wrench,
} from 'lucide-react';
import type { Action, Question, QuestionState } from '#contract/questions.ts';
import { visible } from '#contract/visible.ts';
import type { Look } from '#ui/mark.tsx';
import { money, plural } from '#ui/words.ts';

export const lookOfQuestion: Record<QuestionState, Look> = {
  open: { icon: Hand, word: 'Waits for you', tone: 'waiting' },
  approved: { icon: Check, word: 'Approved', tone: 'completed' },
  denied: { icon: CircleX, word: 'Denied', tone: 'idle' },
  expired: { icon: Hourglass, word: 'Nobody answered', tone: 'idle' },
  withdrawn: { icon: Ban, word: 'Not needed any more', tone: 'idle' },
};

const places = { window: 'in the window', browser: 'in the browser', terminal: 'in the terminal' };

/** Where the answer came from; empty while there is none, or none that a person gave. */
export const answeredWhere = ({ answeredBy }: Pick<Question, 'answeredBy'>): string =>
  answeredBy && answeredBy in places ? places[answeredBy as keyof typeof places] : '';

export function iconOf(action: Action): LucideIcon {
  if (action.kind === 'host') return Globe;
  if (action.kind === 'budget') return Coins;
  if (action.kind === 'goal') return Target;
  if (action.kind === 'handover') return ShieldAlert;
  if (action.command !== null) return Terminal;
  return action.patch === null ? Wrench : FileDiff;
}

export function titleOf(action: Action): string {
  switch (action.kind) {
    case 'tool_call':
      if (action.command !== null) return 'Run a command';
      if (action.path === null) return `Use ${visible(action.tool)}`;
      return `${action.patch === null ? visible(action.tool) : 'Change'} ${visible(action.path)}`;
    case 'host':
      return `Reach ${visible(action.host)}`;
    case 'budget':
      return `Spend ${money(action.addMicros)} more`;
    case 'goal':
      return action.why === 'impossible' ? 'Go on towards a goal judged impossible' : 'Go on without progress';
    case 'handover':
      return `Go on after ${plural(action.denials, 'denial')}`;
  }
}

const scopes = {
  run: 'of this run',
  routine_day: 'of this routine today',
  all_day: 'of all routines today',
};
export const capWords = (scope: keyof typeof scopes): string => `the cap ${scopes[scope]}`;

export const yesMeans = (action: Action): string => {
  switch (action.kind) {
    case 'tool_call':
      return 'Exactly this is done, once, within a day. Anything that changes until then is asked again.';
    case 'host':
      return 'The rest of this run may reach it. No other run may.';
    case 'budget':
      return `It goes on, with ${money(action.capMicros + action.addMicros)} as ${capWords(action.scope)}.`;
    case 'goal':
      return 'It goes on towards its goal, and is told what you note.';
    case 'handover':
      return 'It goes on, and its denials are counted from nought again. Each of them stays denied.';
  }
};

export const noMeans = (action: Action): string => {
  switch (action.kind) {
    case 'tool_call':
      return 'It is told that you denied this, with your note, and goes on without it.';
    case 'host':
      return 'The host stays out of reach; it is told so, with your note, and goes on without it.';
    case 'budget':
    case 'goal':
    case 'handover':
      return 'The run ends here, at a clean point. What it did is kept.';
  }
};

/** What tells one question of a group from another; empty where nothing does. */
export function ownPart({ action }: Question): string {
  if (action.kind === 'budget')
    return `${money(action.spentMicros)} of ${money(action.capMicros)} spent, ${money(action.addMicros)} more`;
  if (action.kind === 'handover') return `${plural(action.denials, 'denial')}: ${action.codes.map(visible).join(', ')}`;
  return '';
}

/** Money that a yes to all of them allows. Millionths of a US dollar. */
export const moneyIn = (questions: readonly Question[]): number =>
  questions.reduce((sum, { action }) => (action.kind === 'budget' ? sum + action.addMicros : sum), 0);
