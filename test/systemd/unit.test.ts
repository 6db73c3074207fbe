import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isLeftOut } from '../support/tools.ts';

const UNIT = fileURLToPath(new URL('../../systemd/dhash-ops.service', import.meta.url));
/** Of 100. What is left is the network, which it needs, and what Node and the slots that outlive it do not bear. */
const MOST_EXPOSED = 30;

test('the unit runs as a plain user that gains no rights, and ends only the bot itself', () => {
  const said = readFileSync(UNIT, 'utf8').split('\n');
  expect(said).toEqual(
    expect.arrayContaining([
      'User=dhash-ops',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'ProtectSystem=strict',
      'UMask=0077',
      'KillMode=process',
      'Restart=always',
      'StartLimitIntervalSec=0',
    ]),
  );
});

test.skipIf(isLeftOut('systemd-analyze'))(`systemd itself finds the sandbox no more than ${MOST_EXPOSED} of 100 exposed`, () => {
  const words = ['security', '--no-pager', '--offline=yes', `--threshold=${MOST_EXPOSED}`, UNIT];
  // It exits with 1 above the threshold.
  expect(execFileSync('systemd-analyze', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toMatch(
    /Overall exposure level .*: \d\.\d OK/,
  );
});
