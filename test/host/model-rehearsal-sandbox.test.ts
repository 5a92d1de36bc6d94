/** The recording in the place where it is played: real hands, real worktree, every turn up to the proposal. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { expect, onTestFinished, test } from 'vitest';
import type { HandsTool } from '#contract/hands.ts';
import { createDemo } from '#host/demo/create.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createRehearsal } from '#host/model/rehearsal.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { scratch, silent } from '../fakes/places.ts';

const canRun = process.platform === 'linux' && spawnSync('bwrap', ['--version']).status === 0;

test.skipIf(!canRun)(
  'played by the real hands it ends in a proposal that changes source and test (skipped without bubblewrap)',
  async () => {
    const home = scratch('rehearsal');
    const directory = join(home, 'orders-service');
    const worktree = join(home, 'worktree');
    await createDemo({ directory });
    const repositories = createRepositories();
    const repo = await repositories.inspect(directory);
    await repositories.addWorktree(repo, 'nightshift/x/run-00000001', repo.head, worktree);
    const hands = await createSandbox({ log: silent }).launch({
      run: 'run-00000001',
      worktree,
      gitDirectory: repo.gitDirectory,
      access: 'write',
    });
    onTestFinished(() => hands.close());
    const rehearsal = createRehearsal({ pace: 0, log: silent });
    onTestFinished(() => rehearsal.close());

    const messages: MessageParam[] = [{ role: 'user', content: 'Read the log.' }];
    const failed: string[] = [];
    let proposed = '';
    while (!proposed) {
      const content = await next(rehearsal, messages);
      messages.push({ role: 'assistant', content });
      const results: ToolResultBlockParam[] = [];
      for (const block of content) {
        if (block.type !== 'tool_use') continue;
        if (block.name === 'Propose') proposed = JSON.stringify(block.input);
        const done = await hands.call(block.name as HandsTool, block.input as Record<string, unknown>);
        if (!done.ok) failed.push(`${block.name} ${done.code}`);
        results.push({ type: 'tool_result', tool_use_id: block.id, content: done.text, is_error: !done.ok });
      }
      expect(results.length, JSON.stringify(content)).toBeGreaterThan(0);
      messages.push({ role: 'user', content: results });
    }
    expect(proposed).toContain('first-order code');
    const transcript = JSON.stringify(messages);
    expect(transcript).toContain('WELCOME10: ten percent off the first order');
    const commit = await repositories.commitAll(repo, worktree, 'done');
    const files = await repositories.files(repo, repo.head, commit as string);
    expect(files.map((file) => file.path)).toEqual(['src/discounts.js', 'test/discounts.test.js']);
    expect(failed.filter((each) => !each.startsWith('Bash') && !each.startsWith('Propose'))).toEqual([]);
  },
);

async function next(
  rehearsal: ReturnType<typeof createRehearsal>,
  messages: MessageParam[],
): Promise<ContentBlockParam[]> {
  const request = { system: '', tools: [], messages, maxTokens: 1000, effort: 'low' as const };
  for await (const chunk of rehearsal.model('overnight-log-triage').stream(request, new AbortController().signal))
    if (chunk.kind === 'message') return chunk.message.content as ContentBlockParam[];
  throw new Error('no message');
}
