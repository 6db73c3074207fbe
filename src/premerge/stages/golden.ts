// Videos of the checkout against their golden sets, as `bin/dhash golden check` asks it.

import { platform } from 'node:os';
import { join } from 'node:path';
import { checkGolden } from '../../checks/golden.ts';
import { error } from '../../core/check.ts';
import { asBotError } from '../../core/error.ts';
import { type GoldenCase, type GoldenReport, gameFolder } from '../../core/golden.ts';
import { junitOf, junitOfFailure } from '../../templates/junit.ts';
import { notDeclared } from '../command.ts';
import type { PremergeContext, Stage } from '../stage.ts';

type Wanted = PremergeContext['config']['premerge']['golden'][number];

export const golden: Stage = {
  name: 'golden',
  title: 'Golden checks',
  needs: ['checkout', 'build'],
  run: async (context) => {
    const { golden: wanted } = context.config.premerge;
    if (wanted.length === 0) return notDeclared('premerge.golden');
    const bad: string[] = [];
    const hints: string[] = [];
    let gates = 0;
    for (const one of wanted) {
      const { cases, xml } = await measure(context, one);
      gates += cases.length;
      for (const { name, result } of cases) {
        context.log(`${one.game} ${name}: ${result.kind}, ${result.detail}`);
        if (result.kind === 'pass') continue;
        bad.push(`${one.game} ${name}: ${result.detail}`);
        if (result.hint !== null) hints.push(result.hint);
      }
      await context.ports.files.write(join(context.artifacts, `${gameFolder(one.game)}_quality.xml`), xml);
    }
    if (gates === 0) return { kind: 'failed', evidence: 'no gate was measured', hint: null };
    const evidence = `${gates - bad.length} of ${gates} gates pass`;
    if (bad.length === 0) return { kind: 'passed', evidence };
    return { kind: 'failed', evidence: `${evidence}; ${bad.join('; ')}`, hint: hints[0] ?? null };
  },
};

/** One video that cannot be measured does not keep the next one from it. */
async function measure(context: PremergeContext, one: Wanted): Promise<{ readonly cases: readonly GoldenCase[]; readonly xml: string }> {
  try {
    const report = await check(context, one);
    return { cases: report.cases, xml: await junitOf(report) };
  } catch (thrown) {
    const why = asBotError(thrown);
    const xml = await junitOfFailure({ game: one.game, file: one.in, why });
    return { cases: [{ name: 'check', result: error(why.message, why.hint) }], xml };
  }
}

async function check({ ports, folder, config, signal }: PremergeContext, { in: file, ...wanted }: Wanted): Promise<GoldenReport> {
  const own = join(folder, 'tests/golden', gameFolder(wanted.game) ?? wanted.game);
  const perOs = join(own, { darwin: 'macos', win32: 'windows' }[String(platform())] ?? 'linux');
  const hasOwnSystem = (await ports.files.read(join(perOs, 'container.json'))) !== null;
  const order = { ...wanted, file: join(folder, file), folder: hasOwnSystem ? perOs : own, gates: config.qualityGates };
  return checkGolden(ports, order, signal);
}
