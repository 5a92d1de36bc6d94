/** A run while it works, over connections that break: nothing lost, nothing twice, the reader's place kept. */
import type { Page } from '@playwright/test';
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';
import { speak } from './speak.ts';

const list = (page: Page) => page.getByRole('region', { name: 'Transcript' });

test.describe('connections that break', () => {
  // A refused connection is a console error of the browser's own.
  test.use({ strict: false });

  test('events said before, during and after a break are shown once each [stream-resumes]', async ({
    page,
    stage,
    visit,
    problems,
  }) => {
    await page.setViewportSize({ width: 1280, height: 6000 });
    await visit(`/runs/${workingRun}`);
    await expect(list(page).getByText('running')).toBeVisible();
    for (let number = 1; number <= 60; number += 1) {
      speak(stage, number);
      if (number % 20 === 0) await stage.hangUp();
    }
    await expect(list(page).getByText('sentence number 60.')).toBeVisible();
    const said = await list(page)
      .getByText(/^sentence number \d+\.$/)
      .allTextContents();
    expect(said).toEqual(Array.from({ length: 60 }, (_, index) => `sentence number ${index + 1}.`));
    // Costs come from the same events: counted twice they would be more.
    await expect(page.getByLabel('Facts of this run')).toContainText('$0.0042');
    expect(problems.filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
  });

  test('a host that is gone is said with a next attempt, and what needs it cannot be pressed', async ({
    page,
    stage,
    visit,
    accessible,
    laidOut,
  }) => {
    await visit('/routines/overnight-log-triage');
    await expect(page.getByRole('button', { name: 'Run now' })).toBeEnabled();
    await stage.close();
    await expect(page.getByText(/Not connected\. Showing \d\d:\d\d\. Retrying/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Run now' })).toBeDisabled();
    await accessible();
    await laidOut();
  });
});

test.describe('in the window', () => {
  test.use({ strict: false });

  test('the page works over the port it was handed, and asks for another when that one closes', async ({
    page,
    stage,
    visit,
  }) => {
    // Stands for the preload and the shell: every port is a way to the same host. A browser does not tell a page that the
    // other end of its port was closed, the shell's ports do; so the event is spoken here.
    await page.addInitScript(() => {
      Object.assign(window, { nightshift: { shell: 'electron' }, portsGiven: 0 });
      window.addEventListener('message', (message) => {
        if (message.data !== 'nightshift:want-port') return;
        const { port1, port2 } = new MessageChannel();
        const socket = new WebSocket(`ws://${location.host}/rpc`);
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
          port2.onmessage = ({ data }) => socket.send(data);
          Object.assign(window, { portsGiven: (window as unknown as { portsGiven: number }).portsGiven + 1 });
          window.addEventListener(
            'message',
            ({ ports: [given] }) => {
              if (given) socket.onclose = () => given.dispatchEvent(new Event('close'));
            },
            { once: true },
          );
          window.postMessage('nightshift:port', location.origin, [port1]);
        };
        socket.onmessage = ({ data }) => port2.postMessage(data);
      });
    });
    await visit(`/runs/${workingRun}`);
    await expect(list(page).getByText('running')).toBeVisible();
    speak(stage, 1);
    await expect(list(page).getByText('sentence number 1.')).toBeVisible();
    await stage.hangUp();
    speak(stage, 2);
    await expect(list(page).getByText('sentence number 2.')).toHaveCount(1);
    expect(await page.evaluate(() => (window as unknown as { portsGiven: number }).portsGiven)).toBe(2);
  });
});

test('words are shown while they are said, and replaced by the finished message', async ({ page, stage, visit }) => {
  await visit(`/runs/${workingRun}`);
  await expect(list(page).getByText('running')).toBeVisible();
  const delta = { run: workingRun, turn: 2, channel: 'text' as const };
  await expect(async () => {
    stage.whisper({ ...delta, text: 'half a ' });
    await expect(list(page).getByText('half a')).toBeVisible({ timeout: 300 });
  }).toPass();
  await expect(list(page).getByLabel('Still writing')).toBeVisible();
  speak(stage, 1);
  await expect(list(page).getByText('sentence number 1.')).toBeVisible();
  await expect(list(page).getByText('half a')).toHaveCount(0);
});

test('what a model writes is text, whatever it writes', async ({ page, stage, visit }) => {
  await visit(`/runs/${workingRun}`);
  const hostile = [
    '<script>document.title = "taken"</script><img src=x onerror="document.title=\'taken\'">',
    '[a link](javascript:document.title="taken") ![an image](https://example.org/?secret=1)',
    `${'long'.repeat(50_000)}`,
    'bidi \u202e reversed \u2066 marks',
  ].join('\n\n');
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  const content = [{ type: 'text', text: hostile }];
  stage.say({
    type: 'message.finished',
    run: workingRun,
    turn: 2,
    content,
    stopReason: 'end_turn',
    usage,
    costMicros: 0,
  });
  await expect(list(page).getByText('[image: an image]')).toBeAttached();
  await expect(list(page).getByText('a link')).toBeAttached();
  await expect(page.locator('main a', { hasText: 'a link' })).toHaveCount(0);
  expect(await page.title()).not.toBe('taken');
});

test('a tool call opens to what it printed and to what it changed', async ({ page, visit, accessible }) => {
  await visit('/runs/run-00000000long');
  await list(page)
    .getByRole('button', { name: /^Bash grep ERROR/ })
    .first()
    .click();
  await expect(list(page).getByText('412 TypeError').first()).toBeVisible();
  await list(page).getByRole('button', { name: /^Edit/ }).first().click();
  await expect(list(page).getByText('export function discountOf(order)').first()).toBeVisible();
  await accessible();
});
