/**
 * A session of ten tool turns whose host is killed ten times, each time at another place that chance chooses. Once more
 * with the same places: `NIGHTSHIFT_SEED=<seed> npx vitest run --config test/vitest.config.ts test/crash/ten-kills.test.ts`.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Attachment } from '#server/attach.ts';
import { anySeed, chance } from '../fakes/chance.ts';
import { type HostHome, hostHome } from '../fakes/host-process.ts';
import { call, reply, type Step, startMessagesServer, thinking } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenPrefixes } from '../fakes/prefix.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';

const turns = 10;
const seed = anySeed();
const marker = (turn: number) => `effect-${turn}`;

/** Every call leaves one line that stays, whoever counts them later; some take a while, so that chance finds their middle. */
const plan: Step[] = [
  ...Array.from({ length: turns }, (_, at) => {
    const append = `echo ${marker(at + 1)} >> trace.txt`;
    const command = at % 3 === 2 ? `${append}; sleep 0.2; cat trace.txt` : append;
    return reply([thinking(`turn ${at + 1}`), call('Bash', { command }, `toolu_${at + 1}`)]);
  }),
];
const proposed = { title: 'Traces', explanation: 'Ten of them.', not_done: ['Nothing else.'] };
/** The answer depends on the history alone, so that a question that is asked again gets the same one. */
const answer: Step = ({ body }) => {
  const answered = body.messages.filter(({ role }) => role === 'assistant').length;
  // Killed while it proposes, it proposes once more.
  const step = plan[answered] ?? reply([call('Propose', proposed, `toolu_last_${answered}`)]);
  return step as Exclude<Step, (...a: never[]) => unknown>;
};

const places = ['turn.started', 'message.finished', 'permission.decided', 'tool.started', 'tool.finished'] as const;

/** At a place of a turn, and so many milliseconds after it; or so many after the host has come up, wherever that is. */
type Death = { turn: number; place: (typeof places)[number]; late: number } | { up: number };

const oneInEachTurn = (seed: number): Death[] => {
  const below = chance(seed);
  return Array.from({ length: turns }, (_, at) => {
    const place = places[below(places.length)] as (typeof places)[number];
    return { turn: at + 1, place, late: below(3) === 0 ? below(120) : 0 };
  });
};

const atAnyMoment = (seed: number): Death[] => {
  const below = chance(seed);
  return Array.from({ length: turns }, () => ({ up: below(900) }));
};

/** Whether the death is due, asked of each event in turn. */
function dueAt(death: Death): (event: Event) => boolean {
  let turn = 0;
  return (event) => {
    if (event.type === 'turn.started') turn = event.turn;
    return 'up' in death || turn > death.turn || (turn === death.turn && event.type === death.place);
  };
}

/**
 * Kills the host then, or as soon as the run has gone past it; what it had told by then. `known`: events of which an
 * earlier host had told already.
 */
async function die({ client, hostPid }: Attachment, run: string, death: Death, known: number): Promise<Event[]> {
  const seen: Event[] = [];
  const isDue = dueAt(death);
  let condemned = false;
  const condemn = (late: number) => {
    condemned = true;
    setTimeout(() => process.kill(hostPid, 'SIGKILL'), late);
  };
  if ('up' in death) condemn(death.up);
  try {
    for await (const item of await client.events.follow({ after: 0, run })) {
      if (item.kind !== 'event') continue;
      seen.push(item.event);
      // What happened before is told again: only what is new can be the place.
      const due = isDue(item.event) && seen.length > known;
      if (due && !condemned) condemn('late' in death ? death.late : 0);
      if (item.event.type === 'run.ended' && !condemned) throw new Error(`it ended before ${JSON.stringify(death)}`);
    }
  } catch (error) {
    // The stream breaks off with its host.
    if (!condemned) throw error;
  }
  return seen;
}

async function allOf(deaths: Death[], home: HostHome, first: Attachment, run: string) {
  let host = first;
  let seen: Event[] = [];
  for (const death of deaths) {
    const now = await die(host, run, death, seen.length);
    // Nothing that was told once is missing or another one later.
    const both = Math.min(now.length, seen.length);
    expect(now.slice(0, both)).toEqual(seen.slice(0, both));
    if (now.length > seen.length) seen = now;
    await host.closed;
    host = await home.attach();
  }
  return { host, seen };
}

const of = <T extends Event['type']>(events: Event[], type: T) =>
  events.filter((event): event is Extract<Event, { type: T }> => event.type === type);

test.skipIf(process.platform !== 'linux').each([
  ['ten kills, one in each of ten turns', oneInEachTurn],
  ['ten kills at any moment', atAnyMoment],
] as const)(
  verifies(
    'survives-kill',
    `%s, seed ${seed}: nothing is done twice, and each question extends the one before (bubblewrap, Linux only)`,
  ),
  async (what, deathsOf) => {
    const deaths = deathsOf(seed);
    console.log(`${what}: NIGHTSHIFT_SEED=${seed} ${JSON.stringify(deaths)}`);
    const server = await startMessagesServer(Array(100).fill(answer));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const { root: repository } = testRepository(brokenService);
    const first = await home.attach();
    // A question that was under way counts at its most: ten of them come to more than a run usually may.
    await first.client.budgets.set({ dollarsPerDay: 100 });
    const own = { repository, limits: limits({ dollars: 100, dollarsPerDay: 100 }) };
    const routine = spec({ ...own, schedule: 'manual', model: 'claude-opus-5-5', checks: [] });
    await first.client.routines.add({ id: 'triage', spec: routine });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    const { host, seen } = await allOf(deaths, home, first, run);
    await expect.poll(async () => (await host.client.runs.get({ run })).state, { timeout: 120_000 }).toBe('ended');

    const over = await host.client.runs.get({ run });
    expect(over).toMatchObject({ outcome: 'proposed' });
    expect(over.turns).toBeGreaterThan(turns);
    const events = await host.client.runs.events({ run, after: 0, limit: 1000 });
    expect(events.slice(0, seen.length)).toEqual(seen);
    const begun = of(events, 'tool.started').map((event) => event.call);
    expect(new Set(begun).size).toBe(begun.length);
    const { patch } = await host.client.proposals.diff({ proposal: over.proposal ?? '' });
    for (const { call: id, code } of of(events, 'tool.finished').slice(0, -1)) {
      const times = patch.match(new RegExp(`^\\+${marker(Number(id.replace('toolu_', '')))}$`, 'gm'))?.length ?? 0;
      // Of a call whose end nobody saw it may be either, and the agent was told so.
      expect({ id, code, times: code === 'run.interrupted' && times === 0 ? 1 : times }).toMatchObject({ times: 1 });
    }
    expect(of(events, 'tool.finished')).toHaveLength(over.turns);
    expect(brokenPrefixes(server.requests)).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(turns);
    await host.client.host.stop({ force: true });
  },
  300_000,
);
