/** How the agent sets up prompts for later turns of its own session, looks at them and ends them. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { defineTool, failure, type ToolOutcome } from './tool.ts';

export interface Loop {
  id: string;
  /** Null: paced by the model itself. */
  cron: string | null;
  timeZone: string;
  recurring: boolean;
  prompt: string;
  words: string;
  /** Milliseconds since the epoch; null while the model has not chosen its next wake-up. */
  dueAt: number | null;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** The last wake-up was nobody's choice. */
  fallback: boolean;
}

/** The loops of one session. What it cannot do is a `Fault`, `input`, `conflict` or `not_found`, with words for the model. */
export interface LoopBook {
  list(): readonly Loop[];
  create(wish: { cron: string; prompt: string; recurring: boolean }): Loop;
  /** Deletes a loop, or throws `not_found`. */
  remove(id: string): void;
  /** Sets the next wake-up of the self-paced loop, which begins with it if there is none. Milliseconds. */
  wakeUp(wish: { inMs: number; reason: string; prompt: string | undefined }): Loop;
  /** Ends the self-paced loop; false when there is none. */
  stop(): boolean;
}

/** Seconds between which a self-paced wake-up may lie ahead. */
const [shortestDelay, longestDelay] = [60, 3600];
const prompt = z.string().trim().min(1).max(20_000);

export const cronCreate = defineTool({
  name: 'CronCreate',
  description:
    'Sets up a prompt that comes to you again in this session, by a five-field cron expression in the time zone of the ' +
    'routine. It fires only after you have ended your turn without calling Propose; missed firings come as one. It ends ' +
    'with the session (Propose ends it) and after 7 days at the latest. At most 50 at a time.',
  class: 'report',
  schema: z.object({
    cron: z.string().trim().min(1).max(200).describe('minute hour day-of-month month day-of-week, e.g. */10 * * * *'),
    prompt: prompt.describe('What you will be told when it fires'),
    recurring: z.boolean().optional().describe('False: fires once and is gone. True unless given'),
  }),
  execute: async (input, { loops }) =>
    answered(() => `Created ${line(loops.create({ ...input, recurring: input.recurring ?? true }))}`),
});

export const cronList = defineTool({
  name: 'CronList',
  description: 'Lists the loops of this session with their next due instants.',
  class: 'report',
  schema: z.object({}),
  execute: async (_input, { loops }) => said(loops.list().map(line).join('\n') || 'This session has no loops.'),
});

export const cronDelete = defineTool({
  name: 'CronDelete',
  description: 'Ends a loop of this session.',
  class: 'report',
  schema: z.object({ id: z.string().min(1).max(40).describe('As CronCreate or CronList gave it, e.g. loop-1') }),
  execute: async ({ id }, { loops }) =>
    answered(() => {
      loops.remove(id);
      return `${id} is deleted.`;
    }),
});

export const scheduleWakeup = defineTool({
  name: 'ScheduleWakeup',
  description:
    'Paces a loop yourself: after you have ended your turn without calling Propose, the prompt comes to you again in ' +
    'delaySeconds. Choose anew in every turn; a turn that does not gets one wake-up 20 minutes later, then the loop ' +
    'ends. With stop: true the loop ends now. One such wake-up is pending at a time: a new one takes its place.',
  class: 'report',
  schema: z.object({
    delaySeconds: z.number().optional().describe('60 to 3600; required unless stopping'),
    reason: z.string().trim().max(1000).optional().describe('One line on why this long, for a person to read'),
    prompt: prompt.optional().describe('What you will be told then; the prompt of the loop unless given'),
    stop: z.boolean().optional(),
  }),
  async execute({ delaySeconds, reason = '', prompt: wanted, stop }, { loops }) {
    if (stop)
      return said(loops.stop() ? 'The self-paced loop is over.' : 'There was no self-paced loop; nothing to stop.');
    if (delaySeconds === undefined || reason === '')
      return failure('tool.input', 'Give delaySeconds and reason, or stop: true.');
    const seconds = Math.min(longestDelay, Math.max(shortestDelay, Math.round(delaySeconds)));
    const clamped =
      seconds === Math.round(delaySeconds)
        ? ''
        : ` (${delaySeconds} s was brought within ${shortestDelay}–${longestDelay} s)`;
    return answered(() => {
      const loop = loops.wakeUp({ inMs: seconds * 1000, reason, prompt: wanted });
      return `Wake-up of ${loop.id} in ${seconds} s${clamped}, at ${instant(loop.dueAt)}. End your turn now to wait for it.`;
    });
  },
});

function line({ id, words, dueAt, expiresAt, recurring, timeZone, prompt: told }: Loop): string {
  const first = told.split('\n', 1)[0] ?? '';
  const short = first.length > 80 ? `${first.slice(0, 79)}…` : first;
  return `${id}: ${words} (${timeZone}), ${recurring ? '' : 'once, '}next ${instant(dueAt)}, ends ${instant(expiresAt)} at the latest: ${short}`;
}

function instant(at: number | null): string {
  return at === null ? 'not chosen yet' : new Date(at).toISOString();
}

function said(text: string): ToolOutcome {
  return { ok: true, code: null, text, view: { kind: 'text', text } };
}

function answered(work: () => string): ToolOutcome {
  try {
    return said(work());
  } catch (error) {
    if (!(error instanceof Fault) || error.code.startsWith('data.') || error.code === 'run.interrupted') throw error;
    const code = error.code === 'input' ? 'tool.input' : `tool.${error.code}`;
    return failure(code, error.cure ? `${error.message} ${error.cure}` : error.message);
  }
}
