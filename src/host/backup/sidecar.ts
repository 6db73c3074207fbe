// The `.sha256` beside a backup: one line as sha256sum writes it, with the path as seen from <root>.

import type { BrokenCode } from './broken.ts';
import { sidecarName } from './names.ts';

export type Sidecar =
  | { readonly kind: 'sealed'; readonly sha256: string }
  | { readonly kind: 'broken'; readonly code: BrokenCode; readonly detail: string };

export function sidecarText(file: string, sha256: string): string {
  return `${sha256}  backups/${file}\n`;
}

/** Only the exact text that `sidecarText` makes is taken; everything else is named for what it is. */
export function parseSidecar(text: string, file: string): Sidecar {
  const defect = defectOf(text, file);
  if (defect === null) return { kind: 'sealed', sha256: text.slice(0, 64) };
  const [code, why] = defect;
  return { kind: 'broken', code, detail: `${sidecarName(file)} ${why}` };
}

function defectOf(text: string, file: string): readonly [code: BrokenCode, why: string] | null {
  if (text.trim() === '') return ['sidecar-empty', 'is empty'];
  if (text.startsWith('\uFEFF')) return ['sidecar-bom', 'begins with a byte order mark'];
  if (text.includes('\r')) return ['sidecar-crlf', 'has Windows line ends'];
  if (text.indexOf('\n') !== text.lastIndexOf('\n') || /\n./.test(text)) return ['sidecar-lines', 'has more than one line'];
  if (!text.endsWith('\n')) return ['sidecar-form', 'is cut off: its line does not end'];
  const [, hash = '', path = ''] = /^([0-9A-Fa-f]{64}) {2}(.*)\n$/.exec(text) ?? [];
  if (hash === '') return ['sidecar-form', 'is not "<64 hex digits>  backups/<file>"'];
  if (path !== `backups/${file}`) return ['sidecar-other-file', `seals ${JSON.stringify(path)}, not "backups/${file}"`];
  if (hash !== hash.toLowerCase()) return ['sidecar-case', 'has upper-case digits, as sha256sum never writes them'];
  return null;
}
