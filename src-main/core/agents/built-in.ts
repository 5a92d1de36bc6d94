/** The kinds of subagents that every run can start, without any file. */
import { type Kind, looking } from './kind.ts';

const plain: Omit<Kind, 'name' | 'description' | 'tools' | 'body'> = {
  ...{ kinds: null, model: null, effort: null, permissionMode: null, turns: null, background: false, worktree: false },
  ...{ skills: [], instructed: true, ignored: [], inherits: false, denied: [] },
};

/** What a call without a kind starts. */
export const usualKind = 'general-purpose';

export const builtIn: readonly (Kind & { name: string })[] = [
  {
    ...plain,
    name: usualKind,
    description: 'For a part of the work that needs many steps and whose details nobody else needs to know.',
    tools: ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep', 'Skill'],
    inherits: true,
    body: 'Do exactly the task that you are given, to its end. Change nothing that it does not ask for. In your last words say what you did, what you found, with the places in files, and what you left open.',
  },
  {
    ...plain,
    name: 'explore',
    description: 'Finds things in the repository without changing any: where something is, how it hangs together.',
    tools: [...looking],
    instructed: false,
    body: 'Search fast and broadly, then read what matters. You can change nothing. In your last words answer the question, each fact with its file and line; say plainly what you did not find.',
  },
  {
    ...plain,
    name: 'verifier',
    description: 'Tries to show that a result is wrong, by reading and by running; reports, and mends nothing.',
    tools: ['Bash', 'Read', 'Glob', 'Grep'],
    body: 'You are given a claim about the work. Try to refute it: run the tests, look for cases that were forgotten, read the change against its purpose. Change no file. In your last words give a verdict, holds or does not hold, then the evidence: commands with their output, files with their lines; and what you could not check.',
  },
];
