/** What a person types about a routine → the contract's fields. Reads the prompt from where the flag says. */

import { resolve } from 'node:path';
import type { ApiClient } from '#contract/api.ts';
import { longestPrompt } from '#contract/routines.ts';
import { type WebWay, webWays } from '#contract/web.ts';
import { aimsFrom } from './aims-input.ts';
import { named } from './named.ts';
import { minutesFrom, type PolicyFlags, policiesFrom } from './policies-input.ts';
import type { Shell } from './shell.ts';
import { textFrom } from './text-input.ts';

export interface SpecFlags extends PolicyFlags {
  name?: string;
  prompt?: string;
  repo?: string;
  schedule?: string;
  tz?: string;
  description?: string;
  model?: string;
  fallbackModel?: string;
  advisor?: string;
  effort?: Change['effort'];
  mode?: Change['permissionMode'];
  /** Absent: not named. Empty: `--no-check`. */
  check?: string[] | false;
  turns?: number;
  minutes?: number;
  dollars?: number;
  dollarsPerDay?: number;
  tokens?: number;
  outputTokens?: number;
  toolCalls?: number;
  branchPrefix?: string;
  allow?: string[];
  ask?: string[];
  deny?: string[];
  whenAsked?: Change['whenAsked'];
  answerWithin?: string;
  hooks?: Change['hooks'];
  memory?: Change['memory'];
  host?: string[];
  web?: WebWay;
  goal?: string;
  rounds?: number;
  rubric?: string;
  artifact?: string[];
  iterations?: number;
}

export type Change = Parameters<ApiClient['routines']['edit']>[0]['change'];
export type Spec = Parameters<ApiClient['routines']['add']>[0]['spec'];

/** Only the fields that were named. Throws `input` naming the field when the prompt cannot be read. */
export async function changeFrom(flags: SpecFlags, shell: Shell): Promise<Change> {
  const { turns, minutes, dollars, dollarsPerDay, tokens, outputTokens, toolCalls } = flags;
  const limits = named({ turns, minutes, dollars, dollarsPerDay, tokens, outputTokens, toolCalls });
  const policies = policiesFrom(flags, shell.clock.now());
  return named({
    name: flags.name,
    prompt:
      flags.prompt === undefined
        ? undefined
        : await textFrom(flags.prompt, shell, { what: 'prompt', field: 'spec.prompt', most: longestPrompt }),
    repository: flags.repo === undefined ? undefined : resolve(shell.cwd, flags.repo),
    schedule: flags.schedule,
    timeZone: flags.tz,
    description: flags.description,
    model: flags.model,
    fallbackModel: flags.fallbackModel === 'off' ? null : flags.fallbackModel,
    advisor: flags.advisor === 'off' ? null : flags.advisor,
    effort: flags.effort,
    permissionMode: flags.mode,
    permissions: rulesFrom(flags),
    whenAsked: flags.whenAsked,
    answerWithin: flags.answerWithin === undefined ? undefined : minutesFrom(flags.answerWithin, '--answer-within'),
    network: flags.host && cleared(flags.host),
    web: flags.web && [...webWays[flags.web]],
    hooks: flags.hooks,
    memory: flags.memory,
    checks: flags.check === false ? [] : flags.check,
    ...(await aimsFrom(flags, shell)),
    branchPrefix: flags.branchPrefix,
    limits: Object.keys(limits).length > 0 ? limits : undefined,
    policies: Object.keys(policies).length > 0 ? policies : undefined,
  });
}

/** Lists that are named replace the old ones; `off` alone empties one. */
function rulesFrom({ allow, ask, deny }: SpecFlags): Change['permissions'] {
  const lists = named({ allow: allow && cleared(allow), ask: ask && cleared(ask), deny: deny && cleared(deny) });
  return Object.keys(lists).length > 0 ? lists : undefined;
}

function cleared(given: string[]): string[] {
  return given.length === 1 && given[0] === 'off' ? [] : given;
}

export type RequiredFlags = SpecFlags & Required<Pick<SpecFlags, 'prompt' | 'repo' | 'schedule'>>;

/** A whole routine; what was not named gets the contract's defaults, and the time zone that of the machine. */
export async function specFrom(name: string, flags: RequiredFlags, shell: Shell): Promise<Spec> {
  const change = await changeFrom(flags, shell);
  return {
    ...change,
    name,
    prompt: change.prompt ?? '',
    repository: change.repository ?? '',
    schedule: flags.schedule,
    timeZone: flags.tz ?? shell.zone,
  };
}

export type Task = Parameters<ApiClient['runs']['start']>[0]['task'];

/** A task; the folder the person is in stands for the repository. */
export async function taskFrom(flags: SpecFlags & { prompt: string }, shell: Shell): Promise<Task> {
  const change = await changeFrom(flags, shell);
  return {
    ...change,
    prompt: change.prompt ?? '',
    repository: change.repository ?? resolve(shell.cwd),
    timeZone: flags.tz ?? shell.zone,
  };
}
