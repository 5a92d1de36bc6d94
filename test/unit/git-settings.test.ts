/** Which settings of a git configuration a sandbox shows, however often it is asked, and as the file is now. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rememberSettings } from '#host/sandbox/git-settings.ts';
import { scratch } from '../fakes/places.ts';

const configuration = (more: string) =>
  `[core]\n\tbare = false\n\tfilemode\n\tsshCommand = evil\n[remote "o"]\n\turl = https://t0ken@example.invalid\n${more}`;

test('only harmless settings are shown, each as git reads it', async () => {
  const file = join(scratch(), 'config');
  const read = rememberSettings();
  writeFileSync(file, configuration('[include]\n\tpath = elsewhere\n[extensions]\n\tobjectFormat = "a\\\\b\\"c"\n'));
  const shown = '[core]\n\tbare = "false"\n[core]\n\tfilemode = "true"\n[extensions]\n\tobjectformat = "a\\\\b\\"c"\n';
  expect(await read(file)).toBe(shown);
  expect(await read(file)).toBe(shown);
});

test('a file that has changed since is read anew, whatever its date and length', async () => {
  const file = join(scratch(), 'config');
  const read = rememberSettings();
  for (const value of ['auto', 'true']) {
    writeFileSync(file, configuration(`[core]\n\tautocrlf = ${value}\n`));
    expect(await read(file)).toContain(`autocrlf = "${value}"`);
  }
});

test('a configuration that git cannot read, or that is no file, is no sandbox; mended it is one', async () => {
  const folder = scratch();
  const file = join(folder, 'config');
  const read = rememberSettings();
  await expect(read(file)).rejects.toMatchObject({ code: 'sandbox.unavailable' });
  writeFileSync(file, '[core\n');
  await expect(read(file)).rejects.toMatchObject({
    code: 'sandbox.unavailable',
    message: expect.stringContaining(file),
  });
  writeFileSync(file, '[core]\n\tbare = false\n');
  expect(await read(file)).toBe('[core]\n\tbare = "false"\n');
  mkdirSync(join(folder, 'directory'));
  await expect(read(join(folder, 'directory'))).rejects.toMatchObject({ code: 'sandbox.unavailable' });
});
