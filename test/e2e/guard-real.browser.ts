/** The guard's screens on a real host, by keyboard: what a run may do, grants, trials, the audit, budgets, fixed settings. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, type MessagesServer, reply, startMessagesServer, text } from '../fakes/messages-server.ts';
import { test as base, expect } from './fixtures.ts';
import { type RealHost, startRealHost } from './real-host.ts';

const bash = (command: string) => reply([text('Next.'), call('Bash', { command })]);
const edit = reply([call('Edit', { file_path: 'answer.js', old_string: '41', new_string: '42' })]);
const propose = reply([
  call('Propose', { title: 'The answer is 42', explanation: 'It was one less.', not_done: ['Nothing else was read.'] }),
]);

interface Real {
  model: MessagesServer;
  host: RealHost;
  shot(name: string): Promise<void>;
}

const test = base.extend<Real>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that it needs from here
  model: async ({}, use) => {
    const model = await startMessagesServer();
    await use(model);
    await model.close();
  },
  host: async ({ page, model }, use) => {
    const host = await startRealHost({
      env: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-test-0123456789' },
    });
    await repository(host);
    await use(host);
    await page.close();
    await host.stop();
  },
  shot: async ({ page }, use) => {
    await use(async (name) => {
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1280, 800]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 840 });
          await page.waitForTimeout(150);
          await page.screenshot({ path: `/tmp/w/newcomer-shots/${name}-${width}-${colorScheme}.png` });
        }
      await page.setViewportSize({ width: 1280, height: 840 });
    });
  },
});

async function repository(host: RealHost): Promise<void> {
  const at = join(host.home, 'orders');
  await host.git(host.home, 'init', '--quiet', '--initial-branch=main', at);
  writeFileSync(join(at, 'answer.js'), 'export const answer = 41;\n');
  writeFileSync(
    join(at, 'answer.test.js'),
    "import assert from 'node:assert';\nimport test from 'node:test';\nimport { answer } from './answer.js';\ntest('it', () => assert.equal(answer, 42));\n",
  );
  writeFileSync(join(at, 'package.json'), '{ "type": "module" }\n');
  await host.git(at, 'add', '--all');
  await host.git(at, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'begin');
}

async function add(host: RealHost, ...flags: string[]): Promise<void> {
  const fixed = ['--repo', join(host.home, 'orders'), '--schedule', 'nightly', '--prompt', 'Mend it.'];
  await host.nightshift('routines', 'add', 'Order triage', ...fixed, '--check', 'node --test', ...flags);
}

test.setTimeout(180_000);

test('grants', async ({ page, model, host, shot }) => {
  model.push(bash('node --test'), bash('rm -rf build'), bash('make release'), edit, propose);
  await add(
    host,
    '--ask',
    'Bash(make *)',
    '--deny',
    'Bash(rm *)',
    '--allow',
    'Bash(node --test)',
    '--host',
    'packages.example.org:443',
  );
  await page.goto(host.url);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.goto(new URL('/routines/order-triage', page.url()).href);
  await shot('routine');
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.locator('h1')).toHaveText('Order triage waits for your answer.', { timeout: 60_000 });
  await shot('parked');
  await page.getByText('What it may do', { exact: true }).click();
  await shot('policy');
  await page.getByText('What it may do', { exact: true }).click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await shot('audit-parked');
  await page.goto(new URL('/questions', page.url()).href);
  await shot('questions');
});

test('trial', async ({ page, model, host, shot }) => {
  model.push(
    bash('node --test'),
    bash('npm publish --token "$NPM_TOKEN"'),
    bash('rm -rf build'),
    edit,
    bash('node --test'),
    propose,
  );
  await add(host, '--mode', 'dontAsk', '--deny', 'Bash(rm *)', '--allow', 'Bash(npm publish:*)');
  await page.goto(host.url);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.goto(new URL('/routines/order-triage', page.url()).href);
  await page.getByRole('button', { name: 'Trial run' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Waits for its instant')).toBeVisible();
  await shot('trial-waits');
  await expect(page.getByRole('button', { name: 'Sign 2 grants' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Sign 2 grants' }).scrollIntoViewIfNeeded();
  await shot('trial-ended');
  await page.getByRole('button', { name: 'Sign 2 grants' }).focus();
  await page.keyboard.press('Enter');
  await shot('trial-ask');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500);
  await shot('trial-signed');
  await page.getByRole('link', { name: 'What it did' }).click();
  await expect(page.locator('h1')).toContainText('nothing to propose');
  await shot('trial-run');
  await page.getByRole('link', { name: 'Audit' }).click();
  await expect(page.getByRole('list', { name: 'Records' })).toBeVisible();
  await shot('trial-audit');
  await page.getByRole('radio', { name: 'Denied' }).check();
  await shot('trial-audit-denied');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await shot('audit-open');
  await page.goto(new URL('/settings', page.url()).href);
  await expect(page.getByText('What is enforced right now')).toBeVisible({ timeout: 30_000 });
  await page.waitForTimeout(2500);
  for (const [i, name] of ['Budgets', 'What is enforced right now'].entries()) {
    await page.getByRole('heading', { name }).scrollIntoViewIfNeeded();
    await page.getByRole('heading', { name }).evaluate((e) => e.scrollIntoView({ block: 'start' }));
    await shot(`settings-${i}`);
  }
});
