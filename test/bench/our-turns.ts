/** Our side: what one more turn costs. */
import { costOfTurns, lookAt } from './looking.ts';
import { ourAgent } from './our-agent.ts';

const place = lookAt();
const agent = await ourAgent(place);
await costOfTurns(async (prompt) => {
  const { outcome } = await agent.run(prompt).result;
  if (outcome !== 'done') throw new Error(`the session ended as ${outcome}`);
});
await agent.close();
place.close();
