import { runSmoke } from '../../checks/smoke.ts';
import { notDeclared } from '../command.ts';
import { need, type Stage } from '../stage.ts';
import { SLOT, scratchUrl } from './scratch-slot.ts';

/** The deploy's own smoke tests, asked of the scratch copy. */
export const smoke: Stage = {
  name: 'smoke',
  title: 'Smoke tests',
  needs: ['start'],
  run: async (context) => {
    const { environment, ports, signal, log, key } = context;
    if (environment.smoke.length === 0) return notDeclared(`environments.${environment.name}.smoke`);
    const tag = need(context, 'version');
    const traffic = { publicUrl: () => scratchUrl(context), active: async () => SLOT };
    const judged = await runSmoke(
      { environment, ports: { ...ports, traffic }, job: { id: key }, signal, log },
      { release: need(context, 'release'), tag },
    );
    const bad = judged.results.filter(({ passed }) => !passed);
    const good = `${judged.results.length - bad.length} of ${judged.results.length} passed`;
    const said = bad.map(({ name, critical, detail }) => `${name}${critical ? '' : ' (not critical)'}: ${detail}`).join('; ');
    const evidence = bad.length === 0 ? good : `${good}; ${said}`;
    if (judged.passed) return { kind: 'passed', evidence };
    return {
      kind: 'failed',
      evidence,
      hint: 'What the tests printed is in postdeploy-smoketests.log, what the service printed in monitor_logs/.',
    };
  },
};
