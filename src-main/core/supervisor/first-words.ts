/** What a run is told before its first question: the instruction files, the list of skills, its prompt, and the skill that the prompt calls. */
import type { Draft } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import type { Hooks } from '#core/hooks/hooks.ts';
import { starts } from '#core/hooks/moments.ts';
import type { Sources, Waiting } from '#core/instructions/gather.ts';
import { type Hired, handOverAtStart } from '#core/instructions/hand-over.ts';
import { handOverMemory } from '#core/memory/book.ts';
import type { MemoryFiles } from '#core/memory/port.ts';
import { type Inspect, ofTaint } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands } from '#core/ports.ts';
import { readLoop } from '#core/session/loop-words.ts';
import { openLoops } from '#core/session/open-loops.ts';
import { firstMessage } from '#core/session/prompt.ts';
import type { OpenSkill, SkillBook } from '#core/skills/book.ts';
import { commandsOf, mostCommands, runCommands } from '#core/skills/run-commands.ts';
import type { Store } from '#core/store/event-log.ts';
import { bash } from '#core/tools/bash.ts';
import { isOutward } from '#core/trials/outward.ts';
import { mayBeSaid, takenUp } from './run-hooks.ts';

interface Opening {
  store: Store;
  clock: Clock;
  run: Run;
  spec: RoutineSpec;
  sources: Sources;
  skills: SkillBook;
  /** Left out: it works alone. */
  hired?: Hired;
  judge: Judge;
  inspect: Inspect;
  hands: Hands;
  /** Left out: none. */
  hooks?: Hooks;
  /** Left out: it remembers nothing. */
  memory?: MemoryFiles;
  signal: AbortSignal;
}

/**
 * Commits them, once: a host may have died in between; of a run that goes on from another one what that one was not told. The rules that wait, or null where an earlier go has looked.
 * Throws `input` where the prompt calls a skill whose commands are not allowed or fail, or where a hook refuses it.
 */
export async function firstWords(opening: Opening): Promise<Waiting[] | null> {
  const { store, clock, run, spec, sources, skills } = opening;
  const known = store.events({ after: 0, run: run.id, limit: 1000 });
  const told = known.some((event) => event.type === 'message.added');
  if (told && !run.origin) return null;
  const waiting = known.some((event) => event.type === 'instructions.loaded' && event.agent === undefined)
    ? null
    : await handOverAtStart(store, run.id, sources, skills, opening.hired);
  if (opening.memory) await handOverMemory(store, run, spec, opening.memory, sources.repo.root);
  if (told) {
    // It goes on with a conversation, and its first words are a person's.
    await takenUp(store, run.id, opening.hooks, opening.signal);
    return waiting;
  }
  if (opening.hooks) {
    await opening.hooks.fire(starts(0, 'startup', run.model ?? ''), opening);
    await mayBeSaid(opening.hooks, 0, spec.prompt, opening);
  }
  const now = clock.now();
  const { texts, loops } = openLoops([spec.prompt], { run: run.id, created: 0, timeZone: spec.timeZone, now });
  const [prompt = spec.prompt] = texts;
  const begun = known.some((event) => event.type === 'permission.decided' && event.call === promptCall);
  const called = await calledSkill(opening, begun);
  const text = firstMessage({ ...spec, prompt }, run.trigger, run.startedAt ?? new Date(now).toISOString());
  store.commit((writer) => {
    for (const loop of loops) writer.append(loop);
    writer.append({ type: 'message.added', run: run.id, text, from: 'routine' });
    for (const draft of called) writer.append(draft);
  });
  return waiting;
}

/** What `/name args` at the beginning of the prompt calls. Nothing for any other prompt, and for a name that nothing has: it may be a path. */
async function calledSkill(opening: Opening, begun: boolean): Promise<Draft[]> {
  const { spec, skills, store, run } = opening;
  // What a loop repeats stays in the context, so its later firings need no more than the name.
  const asked = readLoop(spec.prompt)?.prompt ?? spec.prompt;
  const found = /^\/([\p{L}\p{N}][\p{L}\p{N}._:-]*)(?:\s+([\s\S]*))?$/u.exec(asked.trim());
  const [, name = '', args = ''] = found ?? [];
  if (!found || name === 'loop') return [];
  const opened = await skills.open('prompt', name, args.trim());
  if ('missing' in opened) {
    const note = `The prompt of ${run.routine} begins with /${name}, which calls nothing: ${opened.missing}`;
    store.commit((writer) => writer.append({ type: 'alert.raised', about: run.id, routine: run.routine, text: note }));
    return [];
  }
  const { layer, path } = opened.skill;
  const { text, tainted } = begun ? notRunTwice(opened) : await rendered(opening, opened);
  return [{ type: 'skill.handed_over', run: run.id, name: opened.skill.name, layer, path, text }, ...tainted];
}

/** What a host that died had its commands do is done; nobody knows what they said. */
function notRunTwice({ parts }: OpenSkill): { text: string; tainted: Draft[] } {
  const lost = '(the output is lost: Nightshift was restarted while the command ran, and it is not run twice)';
  const text = parts.map((part) => (part.kind === 'text' ? part.text : lost)).join('');
  return { text: text.trim(), tainted: [] };
}

/** Stands for the call that there is none of. */
const promptCall = 'prompt';

/** With the output of its commands, each of which passes the gate; nobody is asked before the run has begun. */
async function rendered(opening: Opening, opened: OpenSkill): Promise<{ text: string; tainted: Draft[] }> {
  const { store, run, judge, inspect, hands, signal } = opening;
  const commands = commandsOf(opened);
  const { name, path } = opened.skill;
  if (commands.length > mostCommands)
    throw refused(`/${name} has more than ${mostCommands} commands in its text.`, `Take some out of ${path}.`);
  const decided: Draft[] = [];
  for (const command of commands) {
    const verdict = await judge.judge(bash, { command }, signal);
    const { decision, code, rule, source, segment, why } = verdict;
    decided.push({
      ...{ type: 'permission.decided', run: run.id, turn: 1, call: promptCall, tool: bash.name },
      ...{ decision, code, rule, source, segment, policyVersion: judge.version },
    });
    const outward = isTrial(run) && isOutward(verdict, bash.name, { command });
    if (decision === 'allow' && !outward) continue;
    commit(store, decided);
    throw refused(
      `/${name} runs ${JSON.stringify(command)}, which is not allowed here: ${outward ? 'it would leave the machine.' : why}`,
      `Allow it in the rules of the routine, or take it out of ${path}.`,
    );
  }
  commit(store, decided);
  const { ok, text, found } = await runCommands(hands, inspect, opened, promptCall, signal);
  if (!ok) throw refused(text.slice(0, 2000), `Mend the command in ${path}, or take it out.`);
  const tainted: Draft[] = found ? [{ type: 'run.tainted', run: run.id, call: promptCall, ...ofTaint(found) }] : [];
  return { text, tainted };
}

function commit(store: Store, drafts: readonly Draft[]): void {
  if (drafts.length > 0)
    store.commit((writer) => {
      for (const draft of drafts) writer.append(draft);
    });
}

function refused(message: string, cure: string): Fault {
  return new Fault('input', message, { field: 'prompt', cure });
}
