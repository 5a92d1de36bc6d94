/** A picture that a run read is shown where it read it, from the record alone. */
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

/** Two pixels wide, one high. */
const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8DA8J8BAAf/Af8Bf4mnAAAAAElFTkSuQmCC';

test('the call that read a picture opens to it, with words for who does not see it', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  const [run, call] = [workingRun, 'call-picture'];
  const text = 'docs/before.png: png image, 2×1';
  stage.say({ type: 'tool.started', run, turn: 3, call, name: 'Read', input: { file_path: 'docs/before.png' } });
  stage.say({
    ...{ type: 'tool.finished', run, call, ok: true, code: null, text, view: { kind: 'text', text } },
    image: { mediaType: 'image/png', base64 },
  });
  await visit(`/runs/${run}`);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByRole('img')).toHaveCount(0);
  await transcript.getByRole('button', { name: /docs\/before\.png/ }).click();
  const picture = transcript.getByRole('img', { name: 'What the agent saw: docs/before.png' });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(2);
  await accessible();
  await page.setViewportSize({ width: 400, height: 840 });
  const box = await transcript.boundingBox();
  expect((await picture.boundingBox())?.width).toBeLessThanOrEqual(box?.width ?? 0);
});
