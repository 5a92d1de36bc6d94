/** A hundred sessions at once in one process, each in the middle of an answer: how much memory one of them takes. */
import { lookAt, promptFor } from './looking.ts';
import { ourAgent } from './our-agent.ts';

const sessions = 100;
/** A prompt as long as what a run is usually told at its beginning, in characters. */
const words = 'Something that is told at the beginning. '.repeat(1250);

const place = lookAt();
const agent = await ourAgent(place);
/** Resolves when they all wait in the middle of an answer, after a few turns each. */
async function waiting(count: number): Promise<(() => void)[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const run = agent.run(`${promptFor(5, 'wait')}\n${words}`);
      for await (const event of run) if (event.type === 'delta') return () => run.stop();
      throw new Error('the session ended');
    }),
  );
}
const resident = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
};
for (const stop of await waiting(5)) stop();
const before = resident();
const stops = await waiting(sessions);
const after = resident();
process.send?.({ mb: (after - before) / sessions / 1e6 });
for (const stop of stops) stop();
await agent.close();
place.close();
process.disconnect?.();
