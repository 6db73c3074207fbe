// SVG -> PNG by resvg, with fonts that come along: no browser, and nothing of the host's own fonts. The only file that names resvg.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const FONTS = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));

export function toPng(svg: string): Uint8Array {
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(FONTS, 'ttf', name));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font }).render().asPng();
}
