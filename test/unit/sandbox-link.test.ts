/** The host's end of the talk with the hands: every call ends, and what the hands send is not believed. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { linkHands } from '#host/sandbox/hands-link.ts';
import { splitLines } from '#host/sandbox/lines.ts';

function talk() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let killed = 0;
  const link = linkHands({ input, output }, () => killed++);
  const say = (value: unknown) => output.write(`${JSON.stringify(value)}\n`);
  const sent = () =>
    (input.read() as Buffer | null)
      ?.toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)) ?? [];
  return { link, output, say, sent, killed: () => killed };
}
const result = { ok: true, code: null, text: 'fine', milliseconds: 1 };

describe('the link to the hands', () => {
  test('matches answers to calls, in any order', async () => {
    const { link, say, sent } = talk();
    const [one, two] = [link.call('Bash', { command: '1' }), link.call('Read', { file_path: '2' })];
    expect(sent()).toMatchObject([
      { kind: 'call', id: 1, tool: 'Bash' },
      { kind: 'call', id: 2, tool: 'Read' },
    ]);
    say({ kind: 'result', id: 2, result: { ...result, text: 'two' } });
    say({ kind: 'result', id: 1, result: { ...result, text: 'one' } });
    expect([(await one).text, (await two).text]).toEqual(['one', 'two']);
  });

  test('rejects open and later calls with the first reason why the hands ended', async () => {
    const { link } = talk();
    const open = link.call('Bash', { command: 'x' });
    link.end('first');
    link.end('second');
    await expect(open).rejects.toMatchObject({ code: 'sandbox.died', message: 'first' });
    await expect(link.call('Bash', {})).rejects.toMatchObject({ message: 'first' });
    await expect(link.ready).rejects.toMatchObject({ message: 'first' });
  });

  test.each([
    ['no JSON', 'hello'],
    ['another kind', '{"kind":"gift"}'],
    ['a result of the wrong shape', '{"kind":"result","id":1,"result":{"ok":"yes"}}'],
    [
      'a text beyond its bound',
      JSON.stringify({ kind: 'result', id: 1, result: { ...result, text: 'x'.repeat(4_000_001) } }),
    ],
  ])('ends hands that send %s', async (_, line) => {
    const { link, output, killed } = talk();
    const open = link.call('Bash', { command: 'x' });
    output.write(`${line}\n`);
    await expect(open).rejects.toMatchObject({ code: 'sandbox.died' });
    expect(killed()).toBe(1);
  });

  test('an answer to no call is ignored', async () => {
    const { link, say, killed } = talk();
    say({ kind: 'result', id: 99, result });
    const open = link.call('Bash', { command: 'x' });
    say({ kind: 'result', id: 1, result });
    expect(await open).toMatchObject({ text: 'fine' });
    expect(killed()).toBe(0);
  });

  test('passes a cancellation on and still waits for the answer', async () => {
    const { link, say, sent } = talk();
    const stop = new AbortController();
    const open = link.call('Bash', { command: 'x' }, stop.signal);
    sent();
    stop.abort();
    expect(sent()).toEqual([{ kind: 'cancel', id: 1 }]);
    say({ kind: 'result', id: 1, result: { ...result, ok: false, code: 'tool.cancelled' } });
    expect(await open).toMatchObject({ code: 'tool.cancelled' });
  });
});

describe('lines', () => {
  test('are cut at newlines only, wherever the chunks end', () => {
    const lines: string[] = [];
    const split = splitLines(
      100,
      (line) => lines.push(line),
      () => lines.push('overflow'),
    );
    for (const byte of Buffer.from('a\u2028b\r🌙\n\nc')) split(Buffer.from([byte]));
    split(Buffer.from('\n'));
    expect(lines).toEqual(['a\u2028b\r🌙', '', 'c']);
  });

  test('without end are given up once', () => {
    const seen: string[] = [];
    const split = splitLines(
      10,
      (line) => seen.push(line),
      () => seen.push('overflow'),
    );
    for (let round = 0; round < 5; round++) split(Buffer.alloc(8, 'x'));
    split(Buffer.from('\nlate\n'));
    expect(seen).toEqual(['overflow']);
  });
});
