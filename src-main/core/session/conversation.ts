/** A conversation with the model, as one session has it. */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { WebOffer } from '#contract/web.ts';
import type { OwnTools } from '#core/tools/toolbox.ts';
import type { ToolUse } from './blocks.ts';
import type { WebUse } from './web-use.ts';

export interface PendingCall extends ToolUse {
  /** Among the calls of its answer, from 0. */
  position: number;
  /** Started, but its end was never recorded. */
  begun: boolean;
  /** The answer ended at the output limit in the middle of this call: its input may be half of what was meant. */
  cut: boolean;
}

export interface History {
  /** Of a program that embeds the agent, which no event says. Absent: the tools of a run. */
  own?: OwnTools;
  messages: MessageParam[];
  /** Length of the messages as JSON. */
  bytes: number;
  /** Told by now, and not in the messages before the API takes it; oldest first. */
  held: string[];
  /** Calls of the last answer that have no result yet, in order. */
  pending: PendingCall[];
  /** Answers in a row that were cut at the output limit with nothing to do in them. */
  cutAnswers: number;
  /** The same, whatever was in them. */
  cutsInARow: number;
  /** The last request that was counted: length of its messages as JSON, and the prompt tokens that it came to. */
  lastRequest: { bytes: number; tokens: number } | null;
  /** Something of it was read from the prompt cache: what is read again within an answer is certain to be there. */
  cached: boolean;
  /** Millionths of a dollar that each model had of one answer at most, where several had a part in it. */
  shares: Map<string, number>;
  /** Of the last answer: its id, and when it came in milliseconds since the epoch. Null: not known, or none yet. */
  lastId: string | null;
  lastAnswerAt: number | null;
  /** When the last event of the run came, in the same measure. */
  lastEventAt: number | null;
  /** Number of the last event that was told, anybody's of the run; 0: none. */
  through: number;
  /** The last request was put into the cache for an hour. */
  lastKeptHour: boolean;
  /** Turns are far apart, or will be: requests up to this turn are kept in the cache for an hour. */
  hourThrough: number;
  /** Stop reason of the last answer; null before the first one or when something was added after it. */
  stopReason: string | null;
  /** Answers in the whole session. */
  turns: number;
  /** Answers since the routine's prompt or the last comments of a person. */
  turnsOfThisGo: number;
  /** Milliseconds of work since then, without the time in which no host ran, or a loop, a person or the account was waited for. */
  workedMs: number;
  /** Such a wait is going on. */
  resting: boolean;
  /** What was proposed since anybody last said something to the session, if anything was. */
  proposing: unknown;
  /** The same as it was before it was sent back to be completed; counts where nothing better comes. */
  offered: unknown;
  /** Text of the last answer. */
  lastText: string;
  /** The task, then what a person has said since, oldest first. */
  said: string[];
  /** What instruction files told the model, oldest first; a summary leaves them as they are. */
  instructions: string[];
  /** It has a memory. */
  remembers: boolean;
  /** Hosts that it was told of above the conversation; null: its run is older than that record. */
  network: string[] | null;
  /** There is a skill that the model may call. */
  skilled: boolean;
  /** It may start subagents, and has somebody to ask for advice. */
  crewed: boolean;
  advised: boolean;
  /** Of a subagent: its tools. Null: all that there are. */
  only: readonly string[] | null;
  /** What was given of skills, by name, the latest last; a summary leaves it as it is. */
  usedSkills: Map<string, string>;
  /** Skills that were called since a person last spoke, or the run began. */
  workedBy: Set<string>;
  /** Summaries that have taken the place of what was before. */
  compactions: number;
  /** Answers in a row without a word. */
  emptyAnswers: number;
  /** The server has counted more in a prompt than it held before and than bytes were added. */
  jumped: boolean;
  /** How many times the tokens that it was allowed an answer has had at most; 1: never more. */
  swelling: number;
  /** What the model is offered beside its usual tools. */
  offer: Offer;
  /** What its address has looked up and nobody has looked through yet, in order. */
  webUses: WebUse[];
  /** Something that came from outside has spoken to the agent. */
  tainted: boolean;
  /** Why a hook has ended the session; null: none has, or a person has spoken since. */
  halted: string | null;
  /** How often in a row a hook has sent the agent on when it had ended its turn. */
  sentOn: number;
  /** That the conversation holds now. */
  images: number;
}

export interface Offer {
  strict: boolean;
  web: WebOffer | null;
}

/** Each a message of its own. */
export const asMessages = (texts: readonly string[]): MessageParam[] =>
  texts.map((text) => ({ role: 'user', content: [{ type: 'text', text }] }));

export function emptyHistory(): History {
  return {
    messages: [],
    bytes: 0,
    held: [],
    pending: [],
    cutAnswers: 0,
    cutsInARow: 0,
    lastRequest: null,
    cached: false,
    shares: new Map(),
    lastId: null,
    lastAnswerAt: null,
    lastEventAt: null,
    through: 0,
    lastKeptHour: false,
    hourThrough: 0,
    stopReason: null,
    turns: 0,
    turnsOfThisGo: 0,
    workedMs: 0,
    resting: false,
    proposing: null,
    offered: null,
    lastText: '',
    said: [],
    instructions: [],
    ...{ skilled: false, remembers: false, crewed: false, advised: false, only: null, network: null },
    usedSkills: new Map(),
    workedBy: new Set(),
    compactions: 0,
    emptyAnswers: 0,
    jumped: false,
    swelling: 1,
    offer: { strict: false, web: null },
    webUses: [],
    tainted: false,
    halted: null,
    sentOn: 0,
    images: 0,
  };
}
