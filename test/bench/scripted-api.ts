/** The scripted Messages API in a process of its own, so that its work is on nobody's account. */
import { call, reply, type Step, startMessagesServer, text } from '../fakes/messages-server.ts';

const turns = Number(process.env.BENCH_TURNS ?? 10);
/** The answer depends on the history alone: any number of sessions can be served. */
const answer: Step = ({ body }) => {
  const done = body.messages.filter((message) => message.role === 'assistant').length;
  return done < turns ? reply([call('Bash', { command: 'true' }, `toolu_${done}`)]) : reply([text('Done.')]);
};
const server = await startMessagesServer();
const again: Step = (request) => {
  server.push(again);
  process.send?.({ arrived: process.hrtime.bigint().toString() });
  return typeof answer === 'function' ? answer(request) : answer;
};
server.push(again);
process.send?.({ url: server.url });
process.on('disconnect', () => process.exit());
