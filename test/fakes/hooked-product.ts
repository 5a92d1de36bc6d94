/** The whole product on real parts, with settings files of repository, person and administrator that ask for hooks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RoutineSpec } from '#contract/routines.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { call, reply } from './messages-server.ts';
import { brokenService, realRuntime, type Setting } from './real-runtime.ts';
import { type TestRepository, temporaryFolder, testRepository } from './repository.ts';

export const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
export const bash = (command: string) => reply([call('Bash', { command })]);

/** `hooks` of a settings file, one command each. */
export function hooks(wanted: Record<string, [matcher: string, command: string, more?: object][]>) {
  const groups = Object.entries(wanted).map(([moment, each]) => [
    moment,
    each.map(([matcher, command, more]) => ({ matcher, hooks: [{ type: 'command', command, ...more }] })),
  ]);
  return { hooks: Object.fromEntries(groups) };
}

export interface Places {
  project?: object;
  person?: object;
  managed?: object;
  files?: Record<string, string>;
  routine?: Partial<RoutineSpec>;
  repository?: TestRepository;
}

const put = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

export async function product({ project, person, managed, files, routine, ...at }: Places, setting: Setting = {}) {
  const settings: Record<string, string> = project ? { '.claude/settings.json': JSON.stringify(project) } : {};
  const repository = at.repository ?? testRepository({ ...brokenService, ...files, ...settings });
  const home = temporaryFolder();
  const system = temporaryFolder();
  if (person) put(join(home, '.claude/settings.json'), JSON.stringify(person));
  if (managed) put(join(system, 'etc/nightshift/managed-settings.json'), JSON.stringify(managed));
  const where = { home, platform: 'linux' as const, system, owner: process.getuid?.() ?? 0 };
  const it = await realRuntime({
    ...{ repository, rules: createRules(where), instructions: createInstructionFiles(where) },
    routine: { checks: [], ...routine },
    ...setting,
  });
  return {
    ...it,
    async trust() {
      const { trust } = await it.handlers.hooks.list({ repository: repository.root });
      return it.handlers.hooks.trust({ repository: repository.root, hash: trust?.hash ?? '', door: 'terminal' });
    },
    ran: (run: string) => it.events(run).flatMap((event) => (event.type === 'hook.ran' ? [event] : [])),
    results: (run: string) => it.events(run).flatMap((event) => (event.type === 'tool.finished' ? [event] : [])),
  };
}

/** What the model was sent last, as text. */
export const lastSent = ({ server }: { server: { requests: { body: { messages: unknown } }[] } }) =>
  JSON.stringify(server.requests.at(-1)?.body.messages);
