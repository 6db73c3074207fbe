// Reports in a real browser: nothing is fetched, nothing complains, and people can read them by day and by night.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportsPlace, reportsPlace } from '../reports/place.ts';

const CHROMIUM = '/usr/bin/chromium';

let place: ReportsPlace;
let browser: Browser;
beforeAll(async () => {
  if (!existsSync(CHROMIUM))
    throw new Error(`There is no ${CHROMIUM}. Install it: apt-get install chromium (Debian), or run .ci/run as root.`);
  place = await reportsPlace();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
});
afterAll(async () => {
  await browser?.close();
  await place?.close();
});

/** WCAG 2 contrast of every text that can be seen with what lies behind it; answers the worst. */
const WORST = `(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((parts(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let worst = { ratio: 99, text: '', seen: 0 };
  let seen = 0;
  for (const node of document.querySelectorAll('main *:not(svg *)')) {
    const text = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data.trim()).join('');
    if (text === '' || !node.checkVisibility()) continue;
    seen += 1;
    const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text };
  }
  return { ...worst, seen };
})()`;

interface Worst {
  readonly ratio: number;
  readonly text: string;
  readonly seen: number;
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  test('the report and the index fetch nothing, complain about nothing, and can be read', async () => {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1_120, height: 900 } });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (said) => complaints.push(said.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const report = `${place.url}${place.ids[1]}.html`;
    for (const url of [report, place.url]) {
      requests.length = 0;
      expect((await page.goto(url, { waitUntil: 'load' }))?.status()).toBe(200);
      expect(requests).toEqual([url]);
      const worst = await page.evaluate<Worst>(WORST);
      expect(worst.seen, url).toBeGreaterThan(15);
      expect(worst.ratio, `${worst.text} in ${url}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(complaints).toEqual([]);

    await page.goto(report);
    const headings = await page.locator('h2').allTextContents();
    expect(headings).toEqual(
      expect.arrayContaining(['In short', 'People', 'Charts', 'Gate values', 'Backup', 'Steps', 'Timeline', 'Last output']),
    );
    expect(await page.locator('h1').count()).toBe(1);
    const other = colorScheme === 'light' ? 'dark' : 'light';
    expect(await page.locator(`.for-${colorScheme} svg`).isVisible()).toBe(true);
    expect(await page.locator(`.for-${other} svg`).isVisible()).toBe(false);
    // Nothing is wider than the window, also where a hash has no place to break.
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await page.close();
  });
});

test('on paper it is dark on white, whatever the scheme', async () => {
  const page = await browser.newPage({ colorScheme: 'dark' });
  await page.goto(`${place.url}${place.ids[1]}.html`);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.locator('.for-light svg').isVisible()).toBe(true);
  expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  expect((await page.evaluate<Worst>(WORST)).ratio).toBeGreaterThanOrEqual(4.5);
  await page.close();
});
