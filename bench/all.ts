// Every bench, one after the other, so that none disturbs another: `npm run bench [name ...]`. One table a bench; its JSON goes to stdout.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, exit, stderr } from 'node:process';

const here = import.meta.dirname;
// As in bin/dhash.
const NODE_COMPILE_CACHE = join(here, '../node_modules/.cache/dhash-bench');
const known = readdirSync(here)
  .filter((name) => name.endsWith('.ts') && name !== 'all.ts')
  .map((name) => name.replace('.ts', ''));
const wanted = argv.length > 2 ? argv.slice(2) : known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  stderr.write(`there is no bench ${unknown.join(', ')}; known are ${known.join(', ')}\n`);
  exit(2);
}
const broken = wanted.filter((name) => {
  stderr.write(`\n== ${name}\n`);
  return spawnSync(execPath, [join(here, `${name}.ts`)], { stdio: 'inherit', env: { ...env, NODE_COMPILE_CACHE } }).status !== 0;
});
if (broken.length > 0) stderr.write(`\nbroken: ${broken.join(', ')}\n`);
exit(broken.length > 0 ? 1 : 0);
