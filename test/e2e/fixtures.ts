/** What every browser test starts from: a host, a page that may do nothing wrong unseen, and two measures of a screen. */
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect } from '@playwright/test';
import { openStage, type Stage } from '../fakes/staged-host.ts';
import { stageNight } from '../fakes/staged-night.ts';
import { layoutFaults } from './layout-faults.ts';
import { type RealHost, startRealHost } from './real-host.ts';

interface Fixtures {
  /** Off for tests that provoke faults in the console. */
  strict: boolean;
  /** Empty: a first start. */
  staged: 'night' | 'empty';
  /** 0: recorded answers come at once. */
  rehearsalPace: string;
  stage: Stage;
  realHost: RealHost;
  /** Console errors, page errors, refused content and requests that left this machine; checked after each test. */
  problems: string[];
  /** Signs in on the stage and opens a screen. */
  visit(path: string): Promise<void>;
  accessible(): Promise<void>;
  /** In light and in dark; the dark one stays. */
  accessibleInBoth(): Promise<void>;
  laidOut(): Promise<void>;
  /** Wide, narrow and as on a phone; the last width stays. */
  laidOutAtAll(): Promise<void>;
}

export const test = base.extend<Fixtures>({
  strict: [true, { option: true }],
  staged: ['night', { option: true }],
  rehearsalPace: ['0', { option: true }],

  // Either host goes only after the page, for which its going would be one more problem.
  stage: async ({ staged, page }, use) => {
    const stage = await openStage();
    if (staged === 'night') stageNight(stage);
    await use(stage);
    await page.close();
    await stage.close();
  },

  realHost: async ({ page, rehearsalPace }, use) => {
    const host = await startRealHost({ pace: rehearsalPace });
    await use(host);
    await page.close();
    await host.stop();
  },

  problems: [
    async ({ page, strict }, use) => {
      const problems: string[] = [];
      await page.addInitScript(() =>
        addEventListener('securitypolicyviolation', (event) =>
          console.error(`refused by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
        ),
      );
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => {
        if (!/^((http|ws):\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url()))
          problems.push(`left this machine: ${request.url()}`);
      });
      await use(problems);
      if (strict) expect(problems).toEqual([]);
    },
    { auto: true },
  ],

  visit: async ({ page, stage, problems: _watched }, use) => {
    let signedIn = false;
    await use(async (path) => {
      // Only the cookie: the screen that a person lands on by the link is tested where its tests ask for it.
      if (!signedIn) await expect(await page.request.get(stage.url())).toBeOK();
      signedIn = true;
      await page.goto(new URL(path, stage.url()).href);
      await expect(page.locator('h1')).toBeVisible();
      // What is kept of a screen is shown at once; whoever acts on it waits for the host, as a person sees by this.
      await expect(page.locator('[aria-label="Pause all routines"]').first()).toBeEnabled();
      // Last, for only a host that answers has anything read; and in the tree, for a stand-in is invisible at first.
      await expect(page.locator('[role=status][aria-label=Loading]')).toHaveCount(0);
    });
  },

  accessible: async ({ page }, use) => {
    await use(async () => {
      const { violations } = await new AxeBuilder({ page })
        // All is in one frame, so that nothing has to be put together in a second page; and only faults are described.
        .setLegacyMode()
        .options({ resultTypes: ['violations'] })
        // These pass the focus on and are never read; the rule takes them for content.
        .exclude('[data-base-ui-focus-guard]')
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
    });
  },

  accessibleInBoth: async ({ page, accessible }, use) => {
    await use(async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await accessible();
      }
    });
  },

  laidOutAtAll: async ({ page, laidOut }, use) => {
    await use(async () => {
      for (const width of [1280, 800, 400]) {
        await page.setViewportSize({ width, height: 840 });
        await laidOut();
      }
    });
  },

  laidOut: async ({ page }, use) => {
    // A virtual list lays itself out again a frame after the window changed.
    await use(() => expect.poll(() => page.evaluate(layoutFaults)).toEqual([]));
  },
});

export { expect };
