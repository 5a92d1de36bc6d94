/** The scripted Messages API in a process of its own, so that its work is on nobody's account. */
import { call, reply, type Step, stall, startMessagesServer, text } from '../fakes/messages-server.ts';

const usualTurns = Number(process.env.BENCH_TURNS ?? 10);
/** The answer depends on the history alone: any number of sessions can be served. A prompt may ask for something else than Bash. */
const answer: Step = ({ body }) => {
  const done = body.messages.filter((message) => message.role === 'assistant').length;
  const [, turns, end] = /(\d+) turns of looking, then (\w+)/.exec(JSON.stringify(body.messages[0])) ?? [];
  if (turns === undefined)
    return done < usualTurns ? reply([call('Bash', { command: 'true' }, `toolu_${done}`)]) : reply([text('Done.')]);
  if (done < Number(turns)) return reply([call('look', { line: done }, `toolu_${done}`)]);
  return end === 'wait' ? stall([text('This will take a while.')], 4) : reply([text('Done.')]);
};
const server = await startMessagesServer();
const again: Step = (request) => {
  server.push(again);
  server.requests.length = 0;
  process.send?.({ arrived: process.hrtime.bigint().toString() });
  return typeof answer === 'function' ? answer(request) : answer;
};
server.push(again);
process.send?.({ url: server.url });
process.on('disconnect', () => process.exit());
