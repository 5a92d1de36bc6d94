/** An agent of a program with a project: instruction files, skills with what lies beside them, and mode auto; real folder, real sandbox, real HTTP. */
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AgentOptions, tool } from '#sdk/sdk.ts';
import { taskOf } from '../fakes/by-speaker.ts';
import { agentOn, heard } from '../fakes/embedded-agent.ts';
import { call, fail, type Received, reply, type Step, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';

function folder(files: Record<string, string>): string {
  const top = scratch();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
    if (path.endsWith('.sh')) chmodSync(join(top, path), 0o755);
  }
  return top;
}

const skill = '---\ndescription: Counts lines.\n---\nRun `count.sh` of this skill on $ARGUMENTS.\n';
const project = {
  'CLAUDE.md': 'Be brief. @docs/words.md',
  'docs/words.md': 'Say folder, never directory.',
  'AGENTS.md': 'Tests come first.',
  'lib/CLAUDE.md': 'Of lib: tabs only.',
  'lib/a.txt': 'one\ntwo\n',
  '.claude/skills/count/SKILL.md': skill,
  '.claude/skills/count/count.sh': '#!/bin/sh\nwc -l < "$1"\n',
  '.claude/skills/broken/SKILL.md': '---\ndescription: [\n---\nx',
};
const told = ({ body }: Received) => JSON.stringify(body.messages);
const results = (request: Received | undefined) => JSON.stringify(request?.body.messages.at(-1));

describe.skipIf(process.platform !== 'linux')('a project (needs Linux)', () => {
  test('tells the agent how to work, file by file, and a broken one is named', async () => {
    const directory = folder(project);
    symlinkSync('/etc/passwd', join(directory, '.claude/rules.md'));
    mkdirSync(join(directory, '.claude/rules'));
    symlinkSync('/etc/passwd', join(directory, '.claude/rules/outside.md'));
    const script = [use('Read', { file_path: 'lib/a.txt' }), say('done')];
    const options: AgentOptions = { tools: ['Read'], sandbox: { directory }, project: directory };
    const { agent, api } = await agentOn(script, options);
    const events = await heard(agent.run('go'));
    const [first, second] = api.requests as [Received, Received];
    for (const each of ['Be brief.', 'Say folder, never directory.', 'Tests come first.', 'Counts lines.'])
      expect(told(first)).toContain(each);
    expect(told(first)).not.toContain('tabs only');
    expect(told(first)).not.toContain('root:');
    expect(told(second)).toContain('Of lib: tabs only.');
    const problems = events.flatMap((event) => (event.type === 'instructions.loaded' ? event.problems : []));
    expect(problems.map(({ path }) => path).sort()).toEqual([
      '.claude/rules/outside.md',
      '.claude/skills/broken/SKILL.md',
    ]);
    expect(first.body.tools?.map((each) => 'name' in each && each.name)).toEqual(['Read', 'Skill']);
  });

  test.each([
    ['of the sandbox itself', true, '/workspace/.claude/skills/count'],
    ['of another folder, shown beside it', false, '/skills/count'],
  ])('gives a skill, whose script runs in the sandbox: %s', async (_, same, place) => {
    const from = folder(project);
    const directory = same ? from : folder({ 'lib/a.txt': 'one\ntwo\n' });
    const script: Step[] = [
      use('Skill', { skill: 'count', args: 'lib/a.txt' }),
      (request) => {
        const [, where = ''] = /files are in ([\w./-]+\/count)/.exec(results(request)) ?? [];
        return use('Bash', { command: `${where}/count.sh lib/a.txt` });
      },
      say('two lines'),
    ];
    const { agent, api } = await agentOn(script, { tools: ['Bash'], sandbox: { directory }, project: from });
    expect((await agent.run('go').result).text).toBe('two lines');
    expect(results(api.requests[1])).toContain('of this skill on lib/a.txt');
    expect(results(api.requests[1])).toContain(place);
    expect(results(api.requests[2])).toContain('"content":"2"');
  });

  test('is read once a session: what changes meanwhile changes nothing that was said', async () => {
    const directory = folder({ 'CLAUDE.md': 'Be brief.' });
    const store = join(scratch(), 'sessions');
    const options: AgentOptions = { sandbox: { directory }, project: directory, store };
    const { agent, api } = await agentOn([say('one')], options);
    const { session } = await agent.run('go').result;
    await agent.close();
    writeFileSync(join(directory, 'CLAUDE.md'), 'Be long.');
    const later = await agentOn([say('two')], options);
    expect((await later.agent.run('and?', { session }).result).text).toBe('two');
    const texts = (request: Received | undefined) => taskOf(request as Received);
    expect(texts(later.api.requests[0])).toBe(texts(api.requests[0]));
    expect(texts(api.requests[0])).toContain('Be brief.');
    expect(JSON.stringify(later.api.requests)).not.toContain('Be long.');
  });
});

describe('mode auto', () => {
  const order = (done: string[]) =>
    tool({
      ...{ name: 'order', description: 'Orders articles.', input: z.object({ sku: z.string() }) },
      run({ sku }) {
        done.push(sku);
        return 'ordered';
      },
    });
  const look = tool({ ...{ name: 'look', description: 'd', input: z.object({}), readOnly: true }, run: () => 'SEEN' });
  const isSecond = ({ body }: Received) => JSON.stringify(body.system).includes('You judge one action');
  const deny = say('{"decision":"deny","code":"auto.overreach","reason":"Nobody asked for that many."}');

  test('a second model decides about what can change something, by your words and the calls alone', async () => {
    const done: string[] = [];
    const calls = reply([call('look', {}), call('order', { sku: 'a' })]);
    const script = [calls, say('ALLOW'), use('order', { sku: 'b'.repeat(99) }), say('LOOK'), deny, say('done')];
    const { agent, api } = await agentOn(script, { tools: [look, order(done)], permissions: { mode: 'auto' } });
    const events = await heard(agent.run('Order one a.'));
    expect(done).toEqual(['a']);
    const seconds = api.requests.filter(isSecond);
    expect(seconds).toHaveLength(3);
    expect(JSON.stringify(seconds[0]?.body.system)).toContain('that is no copy');
    expect(JSON.stringify(seconds[0]?.body.messages)).toContain('Order one a.');
    expect(JSON.stringify(seconds)).not.toContain('SEEN');
    expect(events.flatMap((event) => (event.type === 'tool.finished' ? [event.code] : []))).toEqual([
      ...[null, null, 'auto.overreach'],
    ]);
    expect(results(api.requests.at(-1))).toContain('Nobody asked for that many.');
  });

  test('where it cannot be asked, the program is; a rule needs no second model', async () => {
    const done: string[] = [];
    const asked: unknown[] = [];
    const broken = fail(400, { headers: {} });
    const script = [use('order', { sku: 'a' }), broken, use('look', {}), say('done')];
    const { agent } = await agentOn(script, {
      tools: [look, order(done)],
      permissions: { mode: 'auto' },
      ask: (question) => asked.push(question.code) > 0,
    });
    expect((await agent.run('go').result).outcome).toBe('done');
    expect([done, asked]).toEqual([['a'], ['auto.unavailable']]);
    const ruled = await agentOn([use('order', { sku: 'b' }), say('done')], {
      ...{ tools: [order(done)], permissions: { mode: 'auto', allow: ['order'] } },
    });
    expect((await ruled.agent.run('go').result).outcome).toBe('done');
    expect(done).toEqual(['a', 'b']);
  });

  test.skipIf(process.platform !== 'linux')('commands in the sandbox are judged, too (needs Linux)', async () => {
    const directory = folder({ 'a.txt': 'one\n' });
    const script = [
      ...[use('Bash', { command: 'cat a.txt' }), use('Bash', { command: 'rm a.txt' }), say('LOOK'), deny, say('done')],
    ];
    const options: AgentOptions = { tools: ['Bash'], sandbox: { directory }, permissions: { mode: 'auto' } };
    const { agent, api } = await agentOn(script, options);
    await agent.run('Read a.txt.').result;
    expect(existsSync(join(directory, 'a.txt'))).toBe(true);
    expect(api.requests.filter(isSecond)).toHaveLength(2);
  });
});
