// A tree as a service has it, for backups: two fifths media that does not shrink, two fifths text, one fifth many small files of a program's kind.

import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Tree {
  /** Folders that exist or are made: for media and text, and for the program. */
  readonly data: string;
  readonly program: string;
  readonly megabytes: number;
  readonly files: number;
}

export function fillTree({ data, program, megabytes, files }: Tree): void {
  mkdirSync(data, { recursive: true });
  const part = (megabytes * 1_000_000) / 5;
  const line = Array.from(
    { length: 20_000 },
    (_, index) => `2026-11-23T12:${index % 60} GET /hash/${(index * 7_919) % 999_983} 200 ${index % 97}ms\n`,
  ).join('');
  for (let index = 0; index < 8; index += 1) {
    writeFileSync(join(data, `media${index}`), randomFillSync(Buffer.alloc(part / 4)));
    writeFileSync(join(data, `log${index}`), Buffer.alloc(part / 4, line));
  }
  const code = Array.from(
    { length: 400 },
    (_, index) => `export function f${(index * 31) % 977}(a) { return a * ${(index * 7_919) % 10_007}; }\n`,
  ).join('');
  const size = Math.max(1, Math.floor(part / files));
  for (let index = 0; index < files; index += 1) {
    const folder = join(program, `lib/m${index % 500}`);
    if (index < 500) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${index}.js`), `// ${index}\n${code.repeat(Math.ceil(size / code.length)).slice(0, size)}`);
  }
}
