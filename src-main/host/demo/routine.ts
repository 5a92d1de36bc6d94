/** The demo's routine, ready to be added. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { RoutineSpec } from '#contract/routines.ts';
import { resource } from '#host/self.ts';

/** Also the name of its recording in `resources/rehearsal`. */
export const demoRoutineId = 'overnight-log-triage';

const Head = z.object({ name: z.string(), description: z.string() });

/** `repository`: absolute path. `timeZone`: IANA name; the machine's own when left out. */
export async function demoRoutine(options: { repository: string; timeZone?: string }): Promise<RoutineSpec> {
  const skill = await readFile(resource('demo', 'routine', 'SKILL.md'), 'utf8');
  const [, head = '', prompt = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(skill) ?? [];
  return RoutineSpec.parse({
    ...Head.parse(parse(head)),
    prompt,
    schedule: '0 3 * * *',
    timeZone: options.timeZone ?? localZone(),
    repository: options.repository,
    model: 'auto',
    checks: ['node --test'],
  });
}

/** A machine that does not know where it is counts in UTC. */
function localZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return !timeZone || timeZone === 'Etc/Unknown' ? 'UTC' : timeZone;
}
