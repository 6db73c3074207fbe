// The project's own commands, run in the checkout.

import { declared } from '../command.ts';
import type { Stage } from '../stage.ts';

export const install: Stage = {
  name: 'install',
  title: 'Install the dependencies',
  needs: ['checkout', 'tools'],
  run: (context) => declared(context, 'install'),
};

export const lint: Stage = { name: 'lint', title: 'Lint', needs: ['install'], run: (context) => declared(context, 'lint') };

export const test: Stage = { name: 'test', title: 'Unit tests', needs: ['install'], run: (context) => declared(context, 'test') };

export const build: Stage = { name: 'build', title: 'Build', needs: ['install'], run: (context) => declared(context, 'build') };
