/** What a trial run needed, read off its events: pure, and the same list however often it is asked for. */
import type { Event } from '#contract/events.ts';
import { type Grantable, type Granted, grantableCall } from '#contract/grants.ts';
import { describeCall } from '#contract/state.ts';
import type { Needed, Wanted } from '#contract/trials.ts';
import { covers } from '#core/grants/covers.ts';
import { recordedCode } from './outward.ts';
import { variablesRead } from './variables.ts';

export interface Harvest {
  needed: Omit<Needed, 'inForce'>[];
  recorded: Wanted[];
  refused: Wanted[];
  environment: string[];
}

interface Call {
  tool: string;
  input: unknown;
  /** Of the first decision that did not simply allow it. */
  code: string | null;
  recorded: boolean;
  /** A person, or the deadline, said no. */
  turnedDown: boolean;
}

/** `network`: hosts that the routine's file names already. */
export function harvest(events: readonly Event[], network: readonly string[]): Harvest {
  const found: Harvest = { needed: [], recorded: [], refused: [], environment: [] };
  const variables = new Set<string>();
  for (const call of callsOf(events)) {
    for (const name of variablesOf(call)) variables.add(name);
    addCall(found, call);
  }
  for (const event of events) if (event.type === 'net.attempted') addHost(found, event, network);
  return { ...found, environment: [...variables].sort() };
}

/** Calls in the order in which they were first seen; a decision comes before its call is begun. */
function callsOf(events: readonly Event[]): Call[] {
  const calls = new Map<string, Call>();
  const codes = new Map<string, string | null>();
  const asked = new Map<string, string>();
  const add = (id: string, tool: string, input: unknown) => {
    const code = codes.get(id) ?? null;
    if (!calls.has(id)) calls.set(id, { tool, input, code, recorded: false, turnedDown: false });
  };
  const mark = (id: string | undefined, change: Partial<Call>) => {
    const call = calls.get(id ?? '');
    if (call) Object.assign(call, change);
  };
  for (const event of events)
    switch (event.type) {
      case 'permission.decided':
        if (event.decision !== 'allow' && !codes.has(event.call)) codes.set(event.call, event.code);
        break;
      case 'tool.started':
        add(event.call, event.name, event.input);
        break;
      case 'question.asked': {
        const { id, action } = event.question;
        if (action.kind !== 'tool_call') break;
        asked.set(id, action.call);
        add(action.call, action.tool, action.input);
        break;
      }
      case 'question.answered':
        if (event.state !== 'approved') mark(asked.get(event.question), { turnedDown: true });
        break;
      case 'tool.finished':
        if (event.code === recordedCode) mark(event.call, { recorded: true });
    }
  return [...calls.values()];
}

function addCall(found: Harvest, { tool, input, code, recorded, turnedDown }: Call): void {
  if (code === null && !recorded) return;
  const what = describeCall(tool, input);
  if (recorded) {
    const why = 'It would leave this machine; a person decides each time.';
    found.recorded.push({ what, code: code ?? recordedCode, why });
    return;
  }
  const named = code ?? 'rule.none';
  if (turnedDown) {
    found.refused.push({ what, code: named, why: 'Nobody allowed it when it was asked.' });
    return;
  }
  const able = checked(grantableCall(tool, input, named), tool, input);
  if ('refused' in able) found.refused.push({ what, code: named, why: able.refused });
  else count(found, able.granted, named);
}

function checked(able: Grantable, tool: string, input: unknown): Grantable {
  if ('refused' in able || able.granted.kind !== 'rule' || covers(able.granted.rule, tool, input)) return able;
  return { refused: 'A rule that says exactly this would not allow it: a part of it is always for a person.' };
}

function addHost(found: Harvest, event: Extract<Event, { type: 'net.attempted' }>, network: readonly string[]): void {
  const { host, port, decision, code } = event;
  if (decision === 'allow' || host === '' || isListed(host, port, network)) return;
  if (code === 'net.host_not_allowed') count(found, { kind: 'host', host: `${host}:${port}` }, code);
  else {
    const why = 'It was refused for another reason than that nobody allowed the host.';
    found.refused.push({ what: `reach ${host}:${port}`, code: code ?? 'net.unreachable', why });
  }
}

/** A trial run has no network, so what the file allows is asked for in vain, too. */
function isListed(host: string, port: number, network: readonly string[]): boolean {
  return network.some((written) => {
    const [, name = '', own = '443'] = /^(.*?)(?::(\d+))?$/.exec(written) ?? [];
    if (Number(own) !== port) return false;
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
  });
}

function count({ needed }: Harvest, granted: Granted, code: string): void {
  const key = JSON.stringify(granted);
  const known = needed.find((each) => JSON.stringify(each.granted) === key);
  if (known) known.times += 1;
  else needed.push({ granted, times: 1, code });
}

function variablesOf({ tool, input }: Call): string[] {
  const { command } = (typeof input === 'object' && input !== null ? input : {}) as { command?: unknown };
  return tool === 'Bash' && typeof command === 'string' ? variablesRead(command) : [];
}
