/** The tools that an agent has, in the order in which the model sees them: the program's choice, then those for skills and subagents. */
import { Fault } from '#contract/faults.ts';
import { knownTools } from '#core/permissions/rule.ts';
import { refuseUnacceptable } from '#core/tools/acceptable.ts';
import { agent, sendMessage, taskOutput, taskStop } from '#core/tools/agents.ts';
import { bash } from '#core/tools/bash.ts';
import { edit, glob, grep, read, write } from '#core/tools/files.ts';
import { skill } from '#core/tools/skill.ts';
import type { Tool } from '#core/tools/tool.ts';
import { type OwnTools, ownTools } from '#core/tools/toolbox.ts';
import type { BuiltInTool } from './agent.ts';
import type { Wanted } from './options.ts';
import { asTool } from './own-tool.ts';

export interface Toolset {
  tools: OwnTools;
  /** Names of those that run in the embedding program. */
  ours: ReadonlySet<string>;
}

const builtIn: Record<BuiltInTool, Tool> = {
  Bash: {
    ...bash,
    description:
      'Runs a bash command in the sandbox, in your working folder, and returns its output and exit code. Long output is cut in the middle.',
  },
  ...{ Read: read, Edit: edit, Write: write, Glob: glob, Grep: grep },
};

const crew: readonly Tool[] = [
  {
    ...agent,
    description:
      'Starts a subagent: a conversation of its own with an own context, which knows nothing but your prompt, and works in ' +
      'the same folder with the same limits and the same money. You get its last words. Several calls in one answer run in ' +
      'parallel. Kinds: general-purpose (all your tools), explore (reads and searches only), verifier (tries to show that ' +
      'a result is wrong; changes nothing), and those in the list of subagents, if you were given one. A subagent that is ' +
      'not needed costs money for nothing.',
  },
  ...[sendMessage, taskOutput, taskStop],
];

/** Throws `input` with the field of the tool that cannot be had. */
export function toolsOf({ options, directory, project }: Wanted): Toolset {
  const named = (options.tools ?? []).map((each, at) => {
    const field = `tools[${at}]`;
    if (typeof each !== 'string') return { tool: asTool(each), field, own: true };
    if (directory === null)
      throw new Fault('input', `${each} works in a sandbox, and none is named.`, {
        field: 'sandbox',
        cure: 'Name the folder that it may see: sandbox: { directory }.',
      });
    return { tool: builtIn[each], field, own: false };
  });
  const ours = new Set(named.flatMap((each) => (each.own ? [each.tool.name] : [])));
  const taken = named.find(
    (each) => each.own && (knownTools.includes(each.tool.name) || each.tool.name.startsWith('mcp__')),
  );
  if (taken)
    throw new Fault('input', `${taken.tool.name} is the name of a tool that rules know as another one.`, {
      field: `${taken.field}.name`,
      cure: 'Give it another name.',
    });
  refuseUnacceptable(named);
  const more = [...(project === null ? [] : [skill]), ...(options.agents ? crew : [])];
  return { tools: ownTools([...named.map((each) => each.tool), ...more]), ours };
}
