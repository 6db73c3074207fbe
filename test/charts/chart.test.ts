// Charts of a watch: what they show, that they are the same each time, and that drawing them never holds the bot up.

import { describe, expect, test } from 'vitest';
import { createCharts } from '../../src/charts/draw.ts';
import { PALETTES } from '../../src/charts/theme.ts';
import { chartAlt, chartOf, watchesOf } from '../../src/templates/chart.ts';
import { chartDue, chartUpload } from '../../src/templates/chart-news.ts';
import { LIMITS, MINUTE, samples, T0, told, watchStory } from './samples.ts';

const story = watchStory();
const [watch] = watchesOf(story);
if (watch === undefined) throw new Error('the story has no watch');
const facts = chartOf(watch, story, samples(), LIMITS);
const charts = createCharts();

describe('what a chart shows', () => {
  test('four panels with the limits of both tiers', () => {
    expect(facts.panels.map(({ label, unit, warnAbove, backAbove }) => [label, unit, warnAbove, backAbove])).toEqual([
      ['Response time', 'ms', 200, 500],
      ['Error rate', '%', 0.1, 1],
      ['CPU', '%', 70, 90],
      ['Memory', '%', 80, 95],
    ]);
  });

  test('the switch, both breaches of one look as one, the recovery and the rollback', () => {
    const at = (minutes: number) => T0 + minutes * MINUTE;
    expect(facts.marks).toEqual([
      { at: at(-1), kind: 'switch' },
      { at: at(42), kind: 'breach' },
      { at: at(50), kind: 'recovery' },
      { at: at(56), kind: 'rollback' },
    ]);
    expect([facts.from, facts.until]).toEqual([at(-1), T0 + 119 * 30_000]);
  });

  test('a time nobody looked at is a gap, and what was not measured stays not measured', () => {
    const [response, , , memory] = facts.panels;
    const gap = response?.points.filter(([at]) => at > T0 + 24 * MINUTE && at < T0 + 29 * MINUTE);
    expect(gap?.map(([, value]) => value === null)).toEqual([false, true, false]);
    expect(memory?.points.every(([, value]) => value === null)).toBe(true);
  });

  test('a number that is none is a gap as well', () => {
    const odd = samples(3).map((sample) => ({ ...sample, cpu: Number.NaN }));
    expect(chartOf(watch, story, odd, LIMITS).panels[2]?.points.map(([, value]) => value)).toEqual([null, null, null]);
  });

  test('a long watch is thinned out, and its one peak stays', () => {
    const [first] = samples(1);
    if (first === undefined) throw new Error('no sample');
    const long = Array.from({ length: 5_000 }, (_, index) => ({ ...first, at: T0 + index * 30_000, cpu: index === 3_333 ? 99 : 20 }));
    const cpu = chartOf(watch, story, long, LIMITS).panels[2]?.points ?? [];
    expect(cpu.length).toBeLessThanOrEqual(600);
    expect(Math.max(...cpu.map(([, value]) => value ?? 0))).toBe(99);
  });

  test('its alt text is a sentence made from the numbers', () => {
    expect(chartAlt(facts)).toBe(
      'Charts of v2.2.0 in production from 2026-11-23 13:59 UTC to 2026-11-23 14:59 UTC: response time 40 to 560 ms, last 560 ms (warns above 200 ms, goes ' +
        'back above 500 ms); error rate 0 to 2.2 %, last 2.2 % (warns above 0.1 %, goes back above 1 %); cpu 30 to 30 %, last 30 % (warns above 70 %, goes ' +
        'back above 90 %); memory was not measured. Marked: switch at 13:59 UTC, breach at 14:42 UTC, recovery at 14:50 UTC, rollback at 14:56 UTC.',
    );
  });
});

describe('when the thread gets one', () => {
  test('at half of the watch, once for all breaches of one look, and at the end', () => {
    const due = story.flatMap((one) => chartDue(one, story) ?? []);
    expect(due.map(({ title, at }) => [title, (at - T0) / MINUTE])).toEqual([
      ['v2.2.0: T+30m', 30],
      ['v2.2.0: breach', 42],
      ['v2.2.0: the whole watch', 56],
    ]);
  });

  test('it shows what was known then, however late it is sent', () => {
    const breach = story[7] ?? told(0, 'none', {});
    const due = chartDue(breach, story);
    if (due === null) throw new Error('no chart');
    const { chart } = chartUpload(due, breach, story, samples(), LIMITS);
    expect(chart.marks.map(({ kind }) => kind)).toEqual(['switch', 'breach']);
    expect(Math.max(...(chart.panels[0]?.points.map(([at]) => at) ?? []))).toBe(breach.at);
  });
});

describe('the drawing', () => {
  test('is a PNG of the declared size, opaque, the same bytes each time, and the loop goes on meanwhile', async () => {
    let turns = 0;
    let drawing = true;
    const turn = () => {
      turns += 1;
      if (drawing) setImmediate(turn);
    };
    setImmediate(turn);
    const first = Buffer.from(await charts.png(facts));
    drawing = false;
    expect(turns).toBeGreaterThan(20);
    expect(first.subarray(1, 4).toString()).toBe('PNG');
    expect([first.readUInt32BE(16), first.readUInt32BE(20)]).toEqual([1_000, 860]);
    expect(Buffer.from(await charts.png(facts)).equals(first)).toBe(true);
    expect(first.length).toBeLessThan(200_000);
  });

  test('a process that ends without an answer is an error of its own, and the next chart is drawn', async () => {
    const broken = charts.svg({ ...facts, marks: JSON.parse('null') }, 'light', 'x');
    await expect(broken).rejects.toMatchObject({ code: 'chart-not-drawn', message: expect.stringContaining('without an answer (1)') });
    expect(await charts.svg(facts, 'light', 'x')).toContain('<svg');
  });

  test('has every limit and every mark in its colors, in both themes', async () => {
    for (const theme of ['light', 'dark'] as const) {
      // A title from outside is text, never markup.
      const svg = await charts.svg({ ...facts, title: '</text><script>alert(1)</script>' }, theme, `x-${theme}`);
      const palette = PALETTES[theme];
      for (const words of ['goes back &gt; 500 ms', 'warns &gt; 200 ms', 'warns &gt; 0.1 %', 'goes back &gt; 95 %', 'Memory: not measured'])
        expect(svg).toContain(words);
      const lines = (color: string) => [...svg.matchAll(/<path [^>]*>/g)].filter(([path]) => path.includes(`stroke="${color}"`)).length;
      expect(lines(palette.warn)).toBe(4);
      for (const kind of ['switch', 'recovery', 'rollback'] as const) expect(lines(palette.marks[kind])).toBe(4);
      // A breach and the limit of going back share their color.
      expect(lines(palette.back)).toBe(8);
      expect(svg).toContain(`<rect width="1000" height="860" x="0" y="0" fill="${palette.card}">`);
      expect(svg).not.toMatch(/zr\d+-|<script|https?:\/\/(?!www\.w3\.org)/);
    }
  });

  test.each(['light', 'dark'] as const)('in the %s theme every color stands out from the card by 4.5 to 1', (theme) => {
    const { card, text, line, warn, back, marks } = PALETTES[theme];
    for (const color of [text, line, warn, back, ...Object.values(marks)]) expect(contrast(color, card)).toBeGreaterThanOrEqual(4.5);
  });
});

/** WCAG 2: the ratio of relative luminances. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
