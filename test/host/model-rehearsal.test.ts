/** The recording, played against a real copy of the demo: every recorded command does what the recording says it does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContentBlockParam, MessageParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { beforeEach, expect, test } from 'vitest';
import { createDemo } from '#host/demo/create.ts';
import { createRehearsal } from '#host/model/rehearsal.ts';
import { scratch, silent } from '../fakes/places.ts';

let demo = '';
let rehearsal: ReturnType<typeof createRehearsal>;
beforeEach(() => {
  rehearsal = createRehearsal({ pace: 0, log: silent });
  return () => rehearsal.close();
});

async function checkout(): Promise<string> {
  const directory = join(scratch('demo'), 'orders-service');
  await createDemo({ directory });
  return directory;
}

const start: MessageParam = { role: 'user', content: 'Read the log.' };

/** One answer of the recording to this history. */
async function next(messages: MessageParam[], recording = 'overnight-log-triage') {
  const request = { system: 's', tools: [], messages, maxTokens: 1000, effort: 'medium' as const };
  for await (const chunk of rehearsal.model(recording).stream(request, new AbortController().signal))
    if (chunk.kind === 'message') return chunk.message;
  throw new Error('no message');
}

/** Asks and executes until Propose or the end of a turn; `messages` grows. Gives what ended it. */
async function work(directory: string, messages: MessageParam[], path: string | undefined, afterEach = async () => {}) {
  for (let turns = 1; turns < 30; turns++) {
    const message = await next(messages);
    const calls = message.content.filter((block) => block.type === 'tool_use');
    messages.push({ role: 'assistant', content: message.content as ContentBlockParam[] });
    if (message.stop_reason === 'end_turn') return { turns, message, proposing: null };
    const results = calls.map((call) => ({
      type: 'tool_result' as const,
      tool_use_id: call.id,
      ...execute(directory, call, path),
    }));
    messages.push({ role: 'user', content: results });
    const proposing = calls.find((call) => call.name === 'Propose')?.input as { not_done: string[] } | undefined;
    if (proposing) return { turns, message, proposing };
    await afterEach();
  }
  throw new Error('the recording goes in circles');
}

/** As plain as tools can be, so that the recording depends on no wording of the real ones. */
function execute(directory: string, call: ToolUseBlock, path = process.env.PATH) {
  const input = call.input as Record<string, string>;
  const file = join(directory, input.file_path ?? '.');
  if (call.name === 'Bash') {
    const done = spawnSync('bash', ['-c', input.command as string], {
      cwd: directory,
      env: { PATH: path },
      encoding: 'utf8',
    });
    return { content: done.stdout + done.stderr, is_error: done.status !== 0 };
  }
  if (call.name === 'Read') return { content: readFileSync(file, 'utf8') };
  if (call.name === 'Grep')
    return {
      content: execFileSync('grep', ['-rnE', input.pattern as string, input.path as string], {
        cwd: directory,
        encoding: 'utf8',
      }),
    };
  if (call.name === 'Edit') {
    const text = readFileSync(file, 'utf8');
    if (text.split(input.old_string as string).length !== 2) return { content: 'no unique match', is_error: true };
    writeFileSync(
      file,
      text.replace(input.old_string as string, () => input.new_string as string),
    );
    return { content: 'edited' };
  }
  return { content: 'recorded' };
}

const passes = (directory: string) => spawnSync(process.execPath, ['--test'], { cwd: directory }).status === 0;
const own = dirname(process.execPath);
const systemNode = ['/usr/local/bin', '/usr/bin'].find((folder) => existsSync(join(folder, 'node')));

const nodes: [name: string, path: string | undefined][] = [
  ['the Node that runs Nightshift', `${own}:${process.env.PATH}`],
  ['the Node of the system (skipped where none is installed)', systemNode && `${systemNode}:/usr/bin:/bin`],
];
for (const [name, path] of nodes) {
  test.skipIf(!path)(
    `with ${name}: from the log to a proposal, failing before, passing after, then one revision and no more`,
    async () => {
      demo = await checkout();
      expect(passes(demo)).toBe(false);
      const messages: MessageParam[] = [start];
      const first = await work(demo, messages, path);
      expect(first.proposing?.not_done.length).toBeGreaterThan(2);
      expect(first.turns).toBeGreaterThanOrEqual(8);
      expect(first.turns).toBeLessThanOrEqual(12);
      expect(passes(demo)).toBe(true);
      expect(changed(demo)).toEqual(['src/discounts.js', 'test/discounts.test.js']);

      const before = readFileSync(join(demo, 'test/discounts.test.js'), 'utf8');
      messages.push({ role: 'user', content: [{ type: 'text', text: 'Please add one more test.' }] });
      const second = await work(demo, messages, path);
      expect(second.proposing?.not_done.join()).toContain('this is a recording');
      expect(readFileSync(join(demo, 'test/discounts.test.js'), 'utf8').length).toBeGreaterThan(before.length);
      expect(passes(demo)).toBe(true);

      const state = execFileSync('git', ['diff'], { cwd: demo, encoding: 'utf8' });
      for (let again = 0; again < 2; again++) {
        messages.push({ role: 'user', content: [{ type: 'text', text: 'And another.' }] });
        const third = await work(demo, messages, path);
        expect(third.message.content).toMatchObject([{ text: expect.stringContaining('Nothing was changed') }]);
      }
      expect(execFileSync('git', ['diff'], { cwd: demo, encoding: 'utf8' })).toBe(state);
      const ids = messages
        .flatMap((message) => (Array.isArray(message.content) ? message.content : []))
        .flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
}

test('a bug that is already fixed ends honestly, with nothing changed', async () => {
  demo = await checkout();
  const file = join(demo, 'src/discounts.js');
  const fixed =
    "(cart.customer?.orderCount ?? -1) > 0) return 'first_order_only';\n  if (rule.firstOrderOnly && !cart.customer) return 'sign_in_required';";
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace("cart.customer.orderCount > 0) return 'first_order_only';", fixed),
  );
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qam', 'fixed'], { cwd: demo });
  const end = await work(demo, [start], `${own}:${process.env.PATH}`);
  expect(end.message.content).toMatchObject([{ text: expect.stringContaining('already fixed') }]);
  expect(changed(demo)).toEqual([]);
});

test('the place is in the history alone: another server after every turn, and a call cut off by a restart, change nothing', async () => {
  demo = await checkout();
  const messages: MessageParam[] = [start];
  const renew = async () => {
    await rehearsal.close();
    const edited = JSON.stringify(messages.at(-2)?.content).includes('"Edit"');
    // The edit happened, but its end was never recorded: it is asked for again, and fails as it must.
    if (edited && !JSON.stringify(messages.at(-4)?.content).includes('"Edit"'))
      messages[messages.length - 1] = interrupted(messages.at(-2));
  };
  const end = await work(demo, messages, `${own}:${process.env.PATH}`, renew);
  expect(end.proposing).not.toBeNull();
  expect(passes(demo)).toBe(true);
  expect(readFileSync(join(demo, 'test/discounts.test.js'), 'utf8').match(/asks a guest to sign in/g)).toHaveLength(1);
});

function interrupted(answer: MessageParam | undefined): MessageParam {
  const calls = ((answer?.content ?? []) as ToolUseBlock[]).filter((block) => block.type === 'tool_use');
  const content = 'Nightshift was restarted while this call was running.';
  return {
    role: 'user',
    content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content, is_error: true })),
  };
}

test('off the recording, and without one, it says so and stops', async () => {
  const first = await next([start]);
  const answer: MessageParam = { role: 'assistant', content: first.content as ContentBlockParam[] };
  const call = first.content.find((block) => block.type === 'tool_use') as ToolUseBlock;
  const odd: MessageParam = {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: call.id, content: '3 ERROR other' }],
  };
  const lost = await next([start, answer, odd]);
  expect(lost).toMatchObject({
    stop_reason: 'end_turn',
    content: [{ text: expect.stringContaining('stops rather than guess') }],
  });
  const foreign: MessageParam = { role: 'assistant', content: [{ type: 'text', text: 'Bonjour' }] };
  expect((await next([start, foreign, start])).content).toMatchObject([
    { text: expect.stringContaining('not in its recording') },
  ]);
  for (const name of ['no-such-routine', '../../package'])
    expect((await next([start], name)).content, name).toMatchObject([
      { text: expect.stringContaining('it has no recording for this routine. Add a key') },
    ]);
});

test('usage grows like a real session: what was sent is read from the cache', async () => {
  const first = await next([start]);
  expect(first.usage).toMatchObject({ cache_read_input_tokens: 0 });
  const call = first.content.find((block) => block.type === 'tool_use') as ToolUseBlock;
  const answer: MessageParam = { role: 'assistant', content: first.content as ContentBlockParam[] };
  const result: MessageParam = {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: call.id, content: 'x'.repeat(4000) }],
  };
  const second = await next([start, answer, result]);
  expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
  expect(second.usage.cache_creation_input_tokens).toBeGreaterThan(1000);
});

function changed(directory: string): string[] {
  const status = execFileSync('git', ['status', '--porcelain'], { cwd: directory, encoding: 'utf8' });
  return status.split('\n').flatMap((line) => (line ? [line.slice(3)] : []));
}
