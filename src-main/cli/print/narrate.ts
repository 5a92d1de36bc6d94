/** Tells a run as it happens, one line per thing that happened. */
import { type Standing, standingOf, standingWords } from '#contract/aims.ts';
import { cacheMissWords } from '#contract/cache.ts';
import type { ContentBlock, Event } from '#contract/events.ts';
import type { AgentFile } from '#contract/instructions.ts';
import type { CheckResult, Run } from '#contract/runs.ts';
import { describeCall, reduceRun } from '#contract/state.ts';
import { visible } from '#contract/visible.ts';
import { actionLine, clip } from './actions.ts';
import { goalLines, gradeLines } from './aims.ts';
import { hookLine, hooksLines } from './hooks.ts';
import { loopLine } from './loops.ts';
import { memoryLines } from './memory.ts';
import { forTerminal, type Paint } from './paint.ts';
import { indent } from './table.ts';
import { talkLines } from './talk.ts';
import { duration, modelWords, money, outcomeWords, withCure } from './words.ts';

/** Why nobody knows what a call came to. */
function presumedWords(why: 'no_answer' | 'not_counted' | undefined): string {
  if (why === 'no_answer') return 'the question was sent and its answer never began, so its prompt counts at the most';
  if (why === 'not_counted') return 'the server did not say what it used, so it counts at the most';
  return 'its host died while it was under way, so it counts at the most';
}

function retryLine({ status, message, waitMs, purpose }: Extract<Event, { type: 'model.retrying' }>): string {
  const whose = purpose ? `Model call of the ${purpose}` : 'Model call';
  const wait = waitMs === undefined || waitMs < 1000 ? '' : ` in ${Math.ceil(waitMs / 1000)} s`;
  return `${whose} failed (${status ?? 'no answer'}): ${message}; trying again${wait}`;
}

/** Lines of one model message that are shown; the rest is in the log. */
const textLines = 12;

const fullWords = { nearly_full: 'has nearly filled the context', full: 'has filled the context' };

const resumed = {
  revision: 'Working on the comments',
  restart: 'Taken up again after a restart',
  answered: 'Goes on after the answer',
  limit_lifted: 'Goes on: the limit of its account should have lifted',
  stopped: 'Taken up to be stopped',
  said: 'Goes on after your words',
};

/** A narrator of one stream: remembers what calls were started, so each tool call is one line, told when it ends. */
export function createNarrator(paint: Paint): (event: Event) => string[] {
  const calls = new Map<string, string>();
  let run: Run | undefined;
  return (event) => {
    run = reduceRun(run, event);
    const standing = event.type === 'run.ended' && run ? standingOf(run) : null;
    const lines = tell(paint, calls, forTerminal(event), standing);
    return event.agent === undefined ? lines : lines.map((line) => `${paint.dim(event.agent ?? '')} ${line}`);
  };
}

/** Calls of different conversations may have one id. */
const keyOf = ({ agent = '', call }: { agent?: string; call: string }) => `${agent}/${call}`;

function tell(paint: Paint, calls: Map<string, string>, event: Event, standing: Standing | null): string[] {
  switch (event.type) {
    case 'run.queued':
      return [`${paint.bold(event.run)} queued`];
    case 'run.started':
      return [`Started on ${event.branch} with ${modelWords(event)}`];
    case 'run.resumed':
      return [paint.yellow(resumed[event.why])];
    case 'sandbox.ready':
      return [`Sandbox ready: ${event.enforced.join(' · ')}`];
    case 'instructions.loaded':
      return [
        ...(event.files.length > 0 ? [`Told how to work by ${event.files.map(({ path }) => path).join(', ')}`] : []),
        ...(event.skills ? [`Skills: ${event.skills.map(({ name }) => name).join(', ')}`] : []),
        ...kindLine(event.agents),
        ...event.problems.map(({ path, message }) => paint.yellow(`${path}: ${message}`)),
      ];
    case 'memory.offered':
    case 'memory.settled':
      return memoryLines(paint, event);
    case 'hooks.loaded':
      return hooksLines(paint, event);
    case 'hook.ran':
      return [hookLine(paint, event)];
    case 'skill.handed_over':
      return [`The prompt called /${event.name}: ${event.path}`];
    case 'checks.finished':
      return event.round.results.map((check) => checkLine(paint, event.phase, check));
    case 'message.added':
      return event.from === 'person' && event.said === undefined ? [`You: ${event.text}`] : [];
    case 'agent.started':
      return [
        `Started ${event.name} with ${event.model}${event.background ? ' in the background' : ''}: ${event.description}`,
      ];
    case 'agent.continued':
      return ['Spoken to again'];
    case 'agent.ended':
      return [
        event.outcome === 'finished' ? 'Has ended its turn' : paint.yellow(`Ended: ${event.code ?? event.outcome}`),
      ];
    case 'model.retrying':
      return [paint.yellow(retryLine(event))];
    case 'answer.lost':
      return [paint.yellow(`The answer broke off; the ${money(event.costMicros)} that it had cost counts`)];
    case 'cost.presumed':
      return [paint.yellow(`${money(event.costMicros)} presumed spent: ${presumedWords(event.why)}`)];
    case 'model.switched':
      return [paint.yellow(`${event.why} ${event.to} goes on instead of ${event.from}`)];
    case 'thinking.dropped':
      return [paint.yellow('Earlier thinking of the model is not accepted any more; it goes on without it')];
    case 'history.compacted':
      return [paint.yellow(`The conversation ${fullWords[event.why]}: a summary takes its place`)];
    case 'message.finished':
      return [
        ...(event.cacheMiss ? [paint.yellow(`Nothing came from the cache: ${cacheMissWords(event.cacheMiss)}`)] : []),
        ...text(event.content).flatMap((part) => shorten(part).map((line) => paint.dim(line))),
      ];
    case 'tools.offered':
      return offerLines(paint, event);
    case 'web.used':
      calls.set(event.call, describeCall(event.tool, event.input));
      return [webLine(paint, event)];
    case 'tool.started':
      calls.set(keyOf(event), describeCall(event.name, event.input));
      return [];
    case 'tool.finished':
      return [toolLine(paint, calls.get(keyOf(event)) ?? 'Tool call', event)];
    case 'run.tainted':
      return taintLines(paint, bringer(calls, event), event);
    case 'goal.judged':
      return goalLines(paint, event);
    case 'outcome.graded':
      return gradeLines(paint, event);
    case 'loop.created':
    case 'loop.scheduled':
    case 'loop.fired':
    case 'loop.ended':
    case 'run.waiting':
      return loopLine(event).map((line) => paint.dim(line));
    case 'run.held':
      return [
        paint.yellow(`Waits for a limit of its account until ${event.until} (${event.wait} of ${event.of})`),
        `  ${clip(event.reason)}`,
      ];
    case 'run.ended':
      return [ended(paint, event, standing)];
    case 'alert.raised':
      return [paint.yellow(`Alert: ${paint.typed(event.text)}`)];
    case 'question.asked':
      return [
        paint.yellow(`Asks you: ${clip(visible(actionLine(event.question.action)))}`),
        paint.typed(`  nightshift questions show ${event.question.id}`),
      ];
    case 'question.answered':
      return [`The question ${event.question} is ${event.state}${event.note ? `: ${event.note}` : ''}`];
    case 'run.parked':
      return [paint.yellow('Parked: it goes on when you have answered')];
    case 'proposal.opened':
      return [`Proposal ${paint.bold(event.proposal.id)}: ${event.proposal.title}`];
    case 'proposal.revised':
      return [
        `Proposal ${paint.bold(event.proposal.id)}, revision ${event.proposal.revision}: ${event.proposal.title}`,
      ];
    default:
      return talkLines(event).map((line) => paint.yellow(line));
  }
}

function offerLines(paint: Paint, { web, problems, refused }: Extract<Event, { type: 'tools.offered' }>): string[] {
  const ways = [web?.search && 'search', web?.fetch && 'fetch'].filter(Boolean);
  return [
    ...(refused ? [paint.yellow(clip(refused))] : []),
    ...(ways.length > 0 ? [`On the web: ${ways.join(' and ')}`] : []),
    ...problems.map((problem) => paint.yellow(visible(problem))),
  ];
}

function webLine(paint: Paint, event: Extract<Event, { type: 'web.used' }>): string {
  const { tool, input, ok, code, sources } = event;
  const came = ok ? `${sources.length} found` : (code ?? 'failed');
  return `${ok ? paint.green('✓') : paint.red('✗')} ${visible(describeCall(tool, input))}  ${paint.dim(came)}`;
}

function bringer(calls: ReadonlyMap<string, string>, event: Extract<Event, { type: 'run.tainted' }>): string {
  const { inherited } = event;
  return inherited ? `${inherited.source} in ${inherited.run}` : (calls.get(keyOf(event)) ?? 'a call');
}

/** Those that every run has are no news. */
function kindLine(kinds: AgentFile[] = []): string[] {
  const own = kinds.filter(({ layer }) => layer !== 'built_in');
  return own.length > 0 ? [`Subagents: ${own.map(({ name }) => name).join(', ')}`] : [];
}

function toolLine(paint: Paint, call: string, event: Extract<Event, { type: 'tool.finished' }>): string {
  const { view, ok } = event;
  const mark = ok ? paint.green('✓') : paint.red('✗');
  const exit = view.kind === 'terminal' ? `exit ${view.exitCode ?? 'by signal'}, ${duration(view.milliseconds)}` : '';
  const why = ok ? '' : (event.code ?? 'failed');
  const notes = [exit, why].filter(Boolean).join(', ');
  return `  ${mark} ${call}${notes ? `  ${paint.dim(`(${notes})`)}` : ''}`;
}

export function checkLine(paint: Paint, phase: 'before' | 'after', check: CheckResult): string {
  const verdict = check.passed ? paint.green('passes') : paint.red('fails ');
  const exit = check.exitCode === null ? 'did not end by itself' : `exit ${check.exitCode}`;
  return `  ${phase === 'before' ? 'before' : 'after '}  ${verdict}  ${check.command}  ${paint.dim(`(${exit}, ${duration(check.milliseconds)})`)}`;
}

function ended(paint: Paint, event: Extract<Event, { type: 'run.ended' }>, standing: Standing | null): string {
  const why = event.reason ? `: ${event.reason.message}` : '';
  // What was found of the result comes before what the agent made of it.
  const found = standing && standing !== 'interrupted' ? `${standingWords[standing].toLowerCase()}; ` : '';
  const over = `Run over, ${found}${outcomeWords(event.outcome)}${why}`;
  return paint.bold(withCure(over, event.reason?.cure && paint.typed(event.reason.cure)));
}

function text(content: ContentBlock[]): string[] {
  return content.flatMap((block) =>
    block.type === 'text' && typeof block.text === 'string' ? [block.text.trim()] : [],
  );
}

function shorten(part: string): string[] {
  const all = part ? indent(part) : [];
  return all.length <= textLines ? all : [...all.slice(0, textLines), `  … ${all.length - textLines} more lines`];
}

function taintLines(
  paint: Paint,
  call: string,
  { sign, excerpt, unprobed }: Extract<Event, { type: 'run.tainted' }>,
): string[] {
  const found =
    unprobed === undefined ? 'speaks to the agent' : `could not be probed (${unprobed}) and may speak to the agent`;
  return [
    paint.red(`What ${call} brought back ${found} (${sign}):`),
    `  ${clip(excerpt)}`,
    paint.yellow('  From here on everything that reaches outside is asked'),
  ];
}
