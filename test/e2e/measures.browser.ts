/** The measures themselves: what they must find, they find; what the policy must refuse, it refuses. */

import { expect, test } from './fixtures.ts';
import { layoutFaults } from './layout-faults.ts';

test.use({ strict: false, staged: 'empty' });

test('the layout measure names each kind of fault', async ({ page, visit }) => {
  await visit('/settings');
  expect(await page.evaluate(layoutFaults)).toEqual([]);
  await page.locator('main').evaluate((main) => {
    const add = (words: string, style: Partial<CSSStyleDeclaration>, tag = 'div') => {
      const element = document.createElement(tag);
      element.textContent = words;
      Object.assign(element.style, style);
      main.prepend(element);
    };
    add('too wide', { width: '3000px', height: '10px' });
    add('cut off text that does not fit', { width: '60px', overflow: 'hidden', whiteSpace: 'nowrap' });
    add('printed over', { position: 'absolute', top: '40px', left: '40px' });
    add('printed below', { position: 'absolute', top: '42px', left: '42px' });
    add('x', { width: '10px', height: '10px' }, 'button');
  });
  const faults = (await page.evaluate(layoutFaults)).join('\n');
  for (const fault of [
    'sideways scroll',
    'clipped: <div > "cut off',
    'text on text: <div > "printed below',
    'small target 10×10',
  ])
    expect(faults).toContain(fault);
});

test('the accessibility measure names the rule and the element', async ({ page, visit, accessible }) => {
  await visit('/settings');
  await accessible();
  await page.locator('main').evaluate((main) => {
    const text = document.createElement('p');
    text.textContent = 'Hardly to be read';
    Object.assign(text.style, { color: '#bbb', background: '#ccc' });
    main.append(text, document.createElement('img'));
  });
  const found = await accessible().catch(String);
  expect(found).toContain('image-alt: <img>');
  expect(found).toMatch(/color-contrast: <p [^>]*>Hardly to be read/);
});

test('the page refuses inline styles, markup from text, code from text and other servers [door-locked]', async ({
  page,
  visit,
  problems,
}) => {
  await visit('/');
  const verdicts = await page.evaluate(async () => {
    // In its own turn the driver's code may evaluate; after a timer the page's own rules count.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const refused = async (attempt: () => unknown) => {
      try {
        await attempt();
        return false;
      } catch {
        return true;
      }
    };
    const style = document.createElement('style');
    style.textContent = 'body { opacity: 0.5 }';
    document.head.append(style);
    return {
      style: getComputedStyle(document.body).opacity === '1',
      markup: await refused(() => document.body.insertAdjacentHTML('beforeend', '<b>x</b>')),
      code: await refused(() => new Function('return 1')()),
      elsewhere: await refused(() => fetch('http://127.0.0.1:9/')),
    };
  });
  expect(verdicts).toEqual({ style: true, markup: true, code: true, elsewhere: true });
  expect(problems.length).toBeGreaterThan(0);
});
