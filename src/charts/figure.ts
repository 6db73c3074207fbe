// Facts -> SVG, by echarts on the server side: four panels over one axis of time. The only file that names echarts.

import { LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ChartFacts, ChartMark, ChartPanel, ChartTheme } from '../core/chart.ts';
import { PALETTES, type Palette } from './theme.ts';

use([LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

const CHART_WIDTH = 1_000;
const CHART_HEIGHT = 860;
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const TOP = 114;
const PANEL_EVERY = 186;
const PANEL_HEIGHT = 124;
/** The names of the marks stand in two rows over the first panel. */
const ROOM_FOR_MARKS = 62;
const LEFT = 70;
const RIGHT = 130;
/** In less than this, minutes alone would stand there again and again. */
const SHORT_MS = 600_000;

export function drawFigure(facts: ChartFacts, theme: ChartTheme, prefix: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height: CHART_HEIGHT });
  chart.setOption(optionOf(facts, PALETTES[theme]));
  const svg = chart.renderToSVGString();
  chart.dispose();
  // echarts counts its charts in the ids: the same facts must give the same text, and two charts in one page must not share an id.
  return svg.replaceAll(/\bzr\d+-/g, `${prefix}-`).replaceAll(/ ecmeta_\w+="[^"]*"/g, '');
}

function optionOf(facts: ChartFacts, palette: Palette): object {
  const { panels } = facts;
  const text = { color: palette.text, fontFamily: FONT, fontSize: 12 };
  return {
    animation: false,
    useUTC: true,
    backgroundColor: palette.card,
    textStyle: text,
    title: [
      { text: facts.title, left: 16, top: 12, textStyle: { ...text, fontSize: 18, fontWeight: 'bold' } },
      ...panels.map((panel, index) => ({
        text: panelTitle(panel),
        left: LEFT - 4,
        top: topOf(index) - (index === 0 ? ROOM_FOR_MARKS : 28),
        textStyle: { ...text, fontSize: 13, fontWeight: 'bold' },
      })),
    ],
    grid: panels.map((_, index) => ({ left: LEFT, right: RIGHT, top: topOf(index), height: PANEL_HEIGHT })),
    xAxis: panels.map((_, index) => ({
      type: 'time',
      gridIndex: index,
      min: facts.from,
      max: facts.until,
      axisLine: { lineStyle: { color: palette.text } },
      axisLabel: { ...text, formatter: facts.until - facts.from < SHORT_MS ? '{HH}:{mm}:{ss}' : '{HH}:{mm}', hideOverlap: true },
      splitLine: { show: false },
    })),
    yAxis: panels.map((panel, index) => ({
      type: 'value',
      gridIndex: index,
      min: 0,
      max: ceilingOf(panel),
      splitNumber: 3,
      axisLabel: { ...text, showMaxLabel: true },
      splitLine: { lineStyle: { color: palette.grid } },
    })),
    series: panels.map((panel, index) => series(panel, index, facts.marks, palette)),
  };
}

function series(panel: ChartPanel, index: number, marks: readonly ChartMark[], palette: Palette): object {
  const apart = isClose(panel) ? 7 : 0;
  return {
    type: 'line',
    name: panel.label,
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    connectNulls: false,
    showSymbol: true,
    symbolSize: 5,
    lineStyle: { width: 2, color: palette.line },
    itemStyle: { color: palette.line },
    data: panel.points.map((point, at) => ({ value: point, symbol: isLone(panel, at) ? 'circle' : 'none' })),
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      data: [
        ...limit(panel.warnAbove, 'warns', panel, palette.warn, apart),
        ...limit(panel.backAbove, 'goes back', panel, palette.back, -apart),
        ...marks.map(({ at, kind }, place) => ({
          xAxis: at,
          lineStyle: { color: palette.marks[kind], width: 2, type: kind === 'switch' || kind === 'rollback' ? 'solid' : 'dashed' },
          // The words stand over the first panel alone; the lines go through all of them.
          label: {
            show: index === 0,
            formatter: kind,
            color: palette.marks[kind],
            fontFamily: FONT,
            fontSize: 12,
            position: 'end',
            distance: place % 2 === 0 ? 4 : 20,
          },
        })),
      ],
    },
  };
}

/** A lone measurement between two gaps makes no line, but it was measured. */
function isLone({ points }: ChartPanel, at: number): boolean {
  const measured = (place: number) => (points[place]?.[1] ?? null) !== null;
  return measured(at) && !measured(at - 1) && !measured(at + 1);
}

/** Whether the words of the two limits would lie over each other. */
function isClose(panel: ChartPanel): boolean {
  const { warnAbove, backAbove } = panel;
  return warnAbove !== null && backAbove !== null && Math.abs(backAbove - warnAbove) < ceilingOf(panel) / 8;
}

/** `lower` moves its words down by so many pixels. */
function limit(value: number | null, word: string, { unit }: ChartPanel, color: string, lower: number) {
  if (value === null) return [];
  const label = { formatter: `${word} > ${value} ${unit}`, color, fontFamily: FONT, fontSize: 11, position: 'end', offset: [0, lower] };
  return [{ yAxis: value, lineStyle: { color, width: 1.5, type: 'dashed' }, label }];
}

function panelTitle({ label, unit, points }: ChartPanel): string {
  const measured = points.some(([, value]) => value !== null);
  return measured ? `${label}, ${unit}` : `${label}: not measured`;
}

/** Both limits are always in sight, and nothing that was measured is cut off. */
function ceilingOf({ points, warnAbove, backAbove }: ChartPanel): number {
  const highest = points.reduce((most, [, value]) => Math.max(most, value ?? 0), Math.max(warnAbove ?? 0, backAbove ?? 0));
  return highest === 0 ? 1 : Number((highest * 1.15).toPrecision(2));
}

function topOf(index: number): number {
  return TOP + index * PANEL_EVERY;
}
