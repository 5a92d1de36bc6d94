/** There is one loop: whoever wants a session, the app or a program, comes to it by the same door, and nothing else talks to a model in turns. */
import { expect, test } from 'vitest';
import { verifies } from '../promises.ts';
import { productFiles, read } from './product-files.ts';

const sources = productFiles('src-main', 'src-renderer', 'src-preload').filter((file) => /\.tsx?$/.test(file));
const naming = (pattern: RegExp) => sources.filter((file) => pattern.test(read(file)));

test(verifies('one-loop', 'the loop is begun in one file, which the app and the SDK share'), () => {
  expect(naming(/\brunSession\b/)).toEqual(['src-main/core/session/agent.ts', 'src-main/core/session/session.ts']);
  const users = naming(/import \{[^}]*\bcreateAgent\b[^}]*\} from '#core\/session\/agent\.ts'/);
  console.log(`sessions are begun by ${users.join(', ')}`);
  expect(users).toEqual(
    expect.arrayContaining([
      'src-main/core/supervisor/pursue.ts',
      'src-main/core/replay/play.ts',
      'src-main/sdk/go.ts',
    ]),
  );
  // Doors ask the runtime; they have no sessions of their own.
  expect(users.filter((file) => /src-main\/(server|cli|electron)\//.test(file))).toEqual([]);
});

test('a tool call is done by the session alone, whoever began it', () => {
  const callers = naming(/\bdoCall\(|\bdoing\(/);
  expect(callers).toEqual(['src-main/core/session/do-calls.ts', 'src-main/core/session/tool-call.ts']);
});
