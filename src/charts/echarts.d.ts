// What is used of echarts (tsconfig.json sends `echarts/*` here): its own types want the DOM's, and nothing else in the program may reach for those.

export interface ServerChart {
  setOption(option: object): void;
  renderToSVGString(): string;
  dispose(): void;
}

export interface ServerChartOptions {
  readonly renderer: 'svg';
  readonly ssr: true;
  readonly width: number;
  readonly height: number;
}

export function init(dom: null, theme: null, options: ServerChartOptions): ServerChart;
export function use(parts: readonly object[]): void;
export const LineChart: object;
export const GridComponent: object;
export const MarkLineComponent: object;
export const TitleComponent: object;
export const SVGRenderer: object;
