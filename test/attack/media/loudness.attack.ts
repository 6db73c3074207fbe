// The real ffmpeg, held to all cases of EBU Tech 3341 and 3342 that can be synthesized.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeEbu, meterIn } from '../../support/ebu.ts';

const folder = mkdtempSync(join(tmpdir(), 'dhash-ebu-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeEbu(
  meterIn(() => folder),
  () => true,
);
