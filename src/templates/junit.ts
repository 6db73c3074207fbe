// A golden check as JUnit XML, for the tools that show test results.

import { error } from '../core/check.ts';
import type { BotError } from '../core/error.ts';
import type { GoldenReport } from '../core/golden.ts';
import type { Tools } from '../core/media.ts';

/** A check that could not run at all, as a report of one error. */
export function junitOfFailure({
  game,
  file,
  why,
}: {
  readonly game: string;
  readonly file: string;
  readonly why: BotError;
}): Promise<string> {
  return junitOf({ game, file, cases: [{ name: 'check', result: error(why.message, why.hint) }], tools: null });
}

/** One suite `golden:<game>`, one case a gate; what could not be measured is an error, never a skip. */
export async function junitOf(report: Pick<GoldenReport, 'game' | 'file' | 'cases'> & { readonly tools: Tools | null }): Promise<string> {
  // Loaded only when a report is written.
  const { create } = await import('xmlbuilder2');
  const { game, cases, tools, file } = report;
  const kinds = cases.map(({ result }) => result.kind);
  const failures = kinds.filter((kind) => kind === 'fail').length;
  const passes = kinds.filter((kind) => kind === 'pass').length;
  const suite = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuite', {
    name: `golden:${game}`,
    tests: cases.length,
    failures,
    errors: cases.length - passes - failures,
  });
  const properties = suite.ele('properties');
  const facts = { input: file, ...(tools === null ? {} : { ffmpeg: tools.ffmpeg.version, ffprobe: tools.ffprobe.version }) };
  for (const [name, value] of Object.entries(facts)) properties.ele('property', { name, value: printable(value) });
  for (const { name, result } of cases) {
    const one = suite.ele('testcase', { classname: `golden:${game}`, name });
    const detail = printable(result.detail);
    if (result.kind === 'pass') {
      one.ele('system-out').txt(detail);
      continue;
    }
    const hint = result.hint === null ? detail : `${detail}\n${printable(result.hint)}`;
    one.ele(result.kind === 'fail' ? 'failure' : 'error', { message: detail }).txt(hint);
  }
  return `${suite.end({ prettyPrint: true })}\n`;
}

/** XML knows no control characters, not even escaped; a file name may have some. */
function printable(text: string): string {
  return [...text].map((sign) => (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(sign) && sign !== '\n' && sign !== '\t' ? '?' : sign)).join('');
}
