/** Where a reader is in a run that goes on: at its end, or at a place that nothing moves, however slow the machine. */
import type { Page } from '@playwright/test';
import { longRun, workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';
import { speak } from './speak.ts';

const list = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const said = (page: Page, number: number) => list(page).getByText(`sentence number ${number}.`);
const top = async (page: Page, number: number) => Math.round((await said(page, number).boundingBox())?.y ?? Number.NaN);
const long = ` ${'Words that take more than one line where the window is narrow. '.repeat(5)}`;

/** Resolves after everything said so far was drawn. */
const drawn = async (page: Page, costs: string) => {
  await expect(page.getByLabel('Facts of this run')).toContainText(costs);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

/** Resolves when the list has stood still for twenty frames. */
const resting = (page: Page) =>
  expect
    .poll(() =>
      page.locator('[data-virtuoso-scroller]').evaluate(async (scroller) => {
        const before = scroller.scrollTop;
        for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
        return scroller.scrollTop === before;
      }),
    )
    .toBe(true);

test('the end is followed, until the reader goes up; the way back is one key', async ({ page, stage, visit }) => {
  await visit(`/runs/${workingRun}`);
  for (let number = 1; number <= 60; number += 1) speak(stage, number);
  await expect(said(page, 60)).toBeInViewport();

  await list(page).hover();
  await page.mouse.wheel(0, -600);
  const latest = page.getByRole('button', { name: 'Latest' });
  await expect(latest).toBeVisible();
  await expect(said(page, 45)).toBeInViewport();
  await resting(page);
  const before = await top(page, 45);
  for (let number = 61; number <= 80; number += 1) speak(stage, number);
  await drawn(page, '$0.0044');
  expect(await top(page, 45)).toBe(before);

  await page.keyboard.press('f');
  await expect(said(page, 80)).toBeInViewport();
  await expect(latest).toHaveCount(0);
});

test('a reader who goes up is not taken back by what arrives before the list has moved', async ({
  page,
  stage,
  visit,
}) => {
  await visit(`/runs/${workingRun}`);
  for (let number = 1; number <= 60; number += 1) speak(stage, number);
  await expect(said(page, 60)).toBeInViewport();
  // A busy machine hears the wheel long before it scrolls; here it is heard and the scrolling is yet to come.
  await page.locator('[data-virtuoso-scroller]').evaluate((scroller) => {
    scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -600 }));
  });
  await expect(page.getByRole('button', { name: 'Latest' })).toBeVisible();
  const before = await top(page, 55);
  for (let number = 61; number <= 80; number += 1) {
    stage.whisper({ run: workingRun, turn: number + 1, channel: 'text', text: 'sentence' });
    await expect(list(page).getByLabel('Still writing')).toBeAttached();
    speak(stage, number);
    await expect(list(page).getByLabel('Still writing')).toHaveCount(0);
  }
  await drawn(page, '$0.0044');
  await resting(page);
  expect(await top(page, 55)).toBe(before);
  await expect(page.getByRole('button', { name: 'Latest' })).toBeVisible();
});

test('words being said, growth above and another size of the window do not move who reads above', async ({
  page,
  stage,
  visit,
}) => {
  await visit(`/runs/${workingRun}`);
  for (let number = 1; number <= 60; number += 1) speak(stage, number, long);
  await expect(said(page, 60)).toBeInViewport();
  await list(page).hover();
  await page.mouse.wheel(0, -1500);
  await expect(page.getByRole('button', { name: 'Latest' })).toBeVisible();
  await resting(page);
  const read = await page.evaluate(() => {
    const scroller = document.querySelector('[data-virtuoso-scroller]');
    const rows = [...(scroller?.querySelectorAll('[data-item-index]') ?? [])];
    const edge = scroller?.getBoundingClientRect().top ?? 0;
    const row = rows.find((one) => one.getBoundingClientRect().top >= edge);
    return Number(/sentence number (\d+)/.exec(row?.textContent ?? '')?.[1]);
  });
  const before = await top(page, read);
  const same = () => expect.poll(async () => Math.abs((await top(page, read)) - before)).toBeLessThanOrEqual(1);

  for (let part = 0; part < 40; part += 1)
    stage.whisper({ run: workingRun, turn: 62, channel: 'text', text: `part ${part} of what is said. ${long}` });
  for (let number = 61; number <= 80; number += 1) speak(stage, number, long);
  await drawn(page, '$0.0044');
  await same();

  // An image or an output above that comes to its size late.
  await page.evaluate(() => {
    const row = document.querySelector<HTMLElement>('[data-item-index] > *');
    if (row) row.style.minHeight = '420px';
  });
  await same();

  // Narrow enough for the same words to take more lines, above as well.
  for (const width of [760, 1280]) {
    await page.setViewportSize({ width, height: 840 });
    await resting(page);
    await expect(said(page, read)).toBeInViewport();
  }
  await page.setViewportSize({ width: 1280, height: 600 });
  await same();
});

test('scrolling down to the end follows it again', async ({ page, stage, visit }) => {
  await visit(`/runs/${workingRun}`);
  for (let number = 1; number <= 60; number += 1) speak(stage, number);
  await expect(said(page, 60)).toBeInViewport();
  await list(page).hover();
  await page.mouse.wheel(0, -600);
  const latest = page.getByRole('button', { name: 'Latest' });
  await expect(latest).toBeVisible();
  await page.mouse.wheel(0, 2000);
  await expect(latest).toHaveCount(0);
  for (let number = 61; number <= 80; number += 1) speak(stage, number);
  await expect(said(page, 80)).toBeInViewport();
});

test('the next failure is brought to the middle, and holds against what arrives', async ({ page, stage, visit }) => {
  await visit(`/runs/${workingRun}`);
  for (let number = 1; number <= 60; number += 1) {
    speak(stage, number);
    if (number === 20)
      stage.say({ type: 'model.retrying', run: workingRun, turn: 21, attempt: 1, status: 529, message: 'overloaded' });
  }
  await expect(said(page, 60)).toBeInViewport();
  // The run began with failed checks; after the last failure nothing moves on.
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('n');
  await expect(said(page, 20)).toBeInViewport();
  await resting(page);
  const before = await top(page, 20);
  for (let number = 61; number <= 80; number += 1) speak(stage, number);
  await drawn(page, '$0.0044');
  expect(await top(page, 20)).toBe(before);
  await expect(page.getByRole('button', { name: 'Latest' })).toBeVisible();
});

test('a transcript that has the focus shows it, and is read on by keys', async ({ page, visit }) => {
  await visit(`/runs/${longRun}`);
  const scroller = page.locator('[data-virtuoso-scroller]');
  await page.getByRole('link', { name: 'Open the proposal' }).focus();
  await page.keyboard.press('Tab');
  await expect(scroller).toBeFocused();
  await expect(scroller).toHaveCSS('outline-style', 'solid');
  await page.keyboard.press('PageDown');
  await expect.poll(() => scroller.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0);
});
