import { notDeclared } from '../command.ts';
import type { Stage } from '../stage.ts';

export const golden: Stage = {
  name: 'golden',
  title: 'Golden checks',
  needs: ['checkout'],
  run: async () => notDeclared('golden'),
};
