import { declared } from '../command.ts';
import { need, type Stage } from '../stage.ts';

/** In the release, with the variables a migration has in a deploy. */
export const migrateDryRun: Stage = {
  name: 'migrate-dryrun',
  title: 'Migration dry run',
  needs: ['deploy-dryrun'],
  run: (context) => {
    const tag = need(context, 'version');
    return declared(context, 'migrateDryRun', { cwd: need(context, 'release'), env: { RELEASE_TAG: tag, RELEASE_VERSION: tag } });
  },
};
