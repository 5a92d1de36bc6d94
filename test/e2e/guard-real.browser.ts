/** The guard's screens on a real host, by keyboard: rules, a yes for good and its end, a trial signed, the audit, caps, locks. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { call, type MessagesServer, reply, startMessagesServer, text } from '../fakes/messages-server.ts';
import { test as base, expect } from './fixtures.ts';
import { type RealHost, startRealHost } from './real-host.ts';

const bash = (command: string) => reply([text('Next.'), call('Bash', { command })]);
const edit = reply([call('Edit', { file_path: 'answer.js', old_string: '41', new_string: '42' })]);
const propose = reply([
  call('Propose', { title: 'The answer is 42', explanation: 'It was one less.', not_done: ['Nothing else was read.'] }),
]);

interface Real {
  /** What an administrator's file says; null: there is none. */
  managed: object | null;
  model: MessagesServer;
  host: RealHost;
}

const test = base.extend<Real>({
  managed: [null, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from here which fixtures it needs
  model: async ({}, use) => {
    const model = await startMessagesServer();
    await use(model);
    await model.close();
  },
  host: async ({ page, model, managed }, use) => {
    const env = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-test-0123456789' };
    const host = await startRealHost({ env, ...(managed && { managed }) });
    await addRepository(host);
    await use(host);
    await page.close();
    await host.stop();
  },
});

async function addRepository(host: RealHost): Promise<void> {
  const at = join(host.home, 'orders');
  await host.git(host.home, 'init', '--quiet', '--initial-branch=main', at);
  const files = {
    'package.json': '{ "type": "module" }\n',
    'answer.js': 'export const answer = 41;\n',
    'answer.test.js': `import assert from 'node:assert';
import test from 'node:test';
import { answer } from './answer.js';
test('it', () => assert.equal(answer, 42));
`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(at, name), content);
  await host.git(at, 'add', '--all');
  const who = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.org'];
  await host.git(at, ...who, 'commit', '--quiet', '--message', 'Begin');
}

async function addRoutine(host: RealHost, ...flags: string[]): Promise<void> {
  const fixed = ['--repo', join(host.home, 'orders'), '--schedule', 'nightly', '--prompt', 'Mend it.'];
  await host.nightshift('routines', 'add', 'Order triage', ...fixed, '--check', 'node --test', ...flags);
}

/** Signs in and opens a screen. */
async function open(page: Page, host: RealHost, path: string): Promise<void> {
  await page.goto(host.url);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.goto(new URL(path, page.url()).href);
  await expect(page.locator('h1')).toBeVisible();
}

/** Without a mouse. */
async function press(what: Locator): Promise<void> {
  await what.focus();
  await what.press('Enter');
}

const records = (page: Page) => page.getByRole('list', { name: 'Records' }).getByRole('listitem');

test.setTimeout(120_000);

test('what a run may do, a yes for good, the audit of it, and the grant taken back', async ({
  page,
  model,
  host,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  model.push(bash('rm -rf build'), bash('node --test'), edit, bash('node --test'), propose);
  const rules = ['--deny', 'Bash(rm *)', '--allow', 'Edit(/**)', '--host', 'packages.example.org:443'];
  await addRoutine(host, '--mode', 'default', ...rules);
  await open(page, host, '/routines/order-triage');
  await expect(page.getByRole('button', { name: 'Run now' })).toBeEnabled();
  await page.keyboard.press('r');
  await expect(page.locator('h1')).toHaveText('Order triage waits for your answer.', { timeout: 60_000 });

  const bar = page.locator('details', { hasText: 'What it may do' });
  await bar.locator('summary').press('Enter');
  await expect(bar).toContainText('Asks for what no rule allows');
  await expect(bar.getByText('this routine: 2 rules, routine.yaml')).toBeVisible();
  await expect(bar.getByText('packages.example.org:443')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  await bar.locator('summary').press('Enter');
  await expect(page.getByRole('region', { name: 'Transcript' })).toContainText(
    'rule Bash(rm *) from routine.yaml for rm -rf build',
  );

  await press(page.getByRole('button', { name: 'Always for this routine' }));
  await press(page.getByRole('button', { name: 'Yes, always' }));
  await expect(page.locator('h1')).toHaveText('Order triage proposed a change.', { timeout: 60_000 });

  await press(page.getByRole('link', { name: 'Audit' }));
  const audit = page.getByRole('region', { name: 'Audit' });
  await expect(audit.getByText(/^\d+ records, unbroken, /)).toBeVisible();
  await expect(records(page).first()).toContainText('Asked to run');
  await audit.getByRole('radio', { name: 'All', exact: true }).focus();
  for (const step of ['Allowed', 'Asked', 'Denied']) {
    await page.keyboard.press('ArrowRight');
    await expect(audit.getByRole('radio', { name: step })).toBeChecked();
  }
  await expect(records(page)).toHaveText([/Bash was denied.*rm -rf build.*rule Bash\(rm \*\), rule\.deny/]);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(records(page).getByText('Input hash')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();

  await page.goto(new URL('/routines/order-triage', page.url()).href);
  const grants = page.getByRole('region', { name: 'What it may do for good' });
  await expect(grants.getByRole('list', { name: 'In force' })).toContainText('Bash(node --test)');
  await press(grants.getByRole('button', { name: 'Revoke Bash(node --test)' }));
  await expect(grants.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await press(grants.getByRole('button', { name: 'Revoke it' }));
  await expect(grants.getByText('1 grant no longer in force')).toBeVisible();
  expect(await host.nightshift('grants', 'list')).toEqual([]);
});

test('a trial run, what it needs, and the signature under it', async ({ page, model, host, accessibleInBoth }) => {
  model.push(bash('node --test'), bash('echo "$NPM_TOKEN"; npm publish'), edit, bash('node --test'), propose);
  await addRoutine(host, '--mode', 'dontAsk', '--allow', 'Bash(echo *)');
  await open(page, host, '/routines/order-triage');
  const trial = page.getByRole('region', { name: 'Trial run' });
  await press(trial.getByRole('button', { name: 'Trial run' }));
  await expect(trial.getByText('Waits for its instant')).toBeVisible();
  await expect(trial.getByText('It needs')).toHaveCount(0);

  const sign = trial.getByRole('button', { name: 'Sign 2 grants' });
  await expect(sign).toBeVisible({ timeout: 60_000 });
  await expect(trial.getByRole('list', { name: 'It needs' }).getByRole('listitem')).toHaveText([
    /Bash\(node --test\).*wanted 2 times/,
    /Edit\(\/answer\.js\).*wanted once/,
  ]);
  await expect(trial.getByText('Its commands read these variables: NPM_TOKEN')).toBeVisible();
  await accessibleInBoth();
  await press(sign);
  await press(trial.getByRole('button', { name: 'Sign', exact: true }));
  const grants = page.getByRole('region', { name: 'What it may do for good' });
  await expect(grants.getByRole('list', { name: 'In force' }).getByRole('listitem')).toHaveCount(2);
  expect(await host.nightshift('grants', 'list')).toHaveLength(2);

  await press(trial.getByRole('link', { name: 'What it did' }));
  await expect(page.locator('header').getByText('Trial run', { exact: true })).toBeVisible();
  await expect(page.getByLabel('Facts of this run')).toContainText('A trial run that you asked for, due');
});

test('the cap of a day is set, and what is no amount is refused', async ({ page, host }) => {
  await addRoutine(host);
  await open(page, host, '/settings');
  const budgets = page.getByRole('region', { name: 'Budgets' });
  const cap = budgets.getByLabel('Cap of all routines, dollars a day');
  await cap.fill('much');
  await expect(budgets.getByText('An amount from 0.01 to 10000.')).toBeVisible();
  await cap.fill('12.5');
  await cap.press('Enter');
  await expect(budgets.getByText('of $12.50')).toBeVisible();
  expect(await host.nightshift('budget', 'show')).toMatchObject({ all: { capMicros: 12_500_000 } });
  await expect(page.getByRole('list', { name: 'Bounds' }).getByText('Raw sockets refused')).toBeVisible({
    timeout: 30_000,
  });
});

/** May this process have an `/etc` of its own? */
function ownEtc(): boolean {
  try {
    const mount = 'mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w';
    const overlay = 'mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc';
    execFileSync('unshare', ['--mount', 'sh', '-c', `${mount} && ${overlay}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.describe('what an administrator has fixed', () => {
  test.use({ managed: { permissions: { deny: ['Bash(curl:*)'] }, nightshift: { forbiddenModes: ['acceptEdits'] } } });

  const where = ownEtc() ? test : test.skip;

  where(
    'is locked in the editor, listed in Settings, refused in the terminal (needs to mount an /etc of its own)',
    async ({ page, host }) => {
      await addRoutine(host, '--mode', 'default');
      await open(page, host, '/routines/order-triage/edit');
      const file = '/etc/nightshift/managed-settings.json';
      await page.getByRole('heading', { name: 'What it may do by itself' }).click();
      await expect(page.getByRole('radio', { name: 'May edit' })).toBeDisabled();
      await expect(page.getByText(`“May edit” cannot be chosen: fixed in ${file}`)).toBeVisible();
      await page.goto(new URL('/settings', page.url()).href);
      const fixed = page.getByRole('region', { name: 'Fixed by an administrator' });
      await expect(fixed.getByRole('listitem')).toHaveText([
        `Modes that nobody may choose: acceptEditsfixed in ${file}`,
        `Denied to every run: Bash(curl:*)fixed in ${file}`,
      ]);
      const refused = host.nightshift('routines', 'edit', 'order-triage', '--mode', 'acceptEdits');
      await expect(refused).rejects.toThrow(file);
    },
  );
});
