// YAML text to plain data, with the line of every place in it.

import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Locate, Problem } from './problems.ts';

export type Parsed =
  | { readonly kind: 'parsed'; readonly data: unknown; readonly locate: Locate }
  | { readonly kind: 'broken'; readonly problems: readonly Problem[] };

/** An alias may stand for its anchor so many times: a bomb of them ends as an error. */
const MAX_ALIASES = 100;

export function parseYaml(source: string, file: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(source.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings].map((fault) => {
    const { line, col } = lines.linePos(fault.pos[0]);
    return { path: file, message: `line ${line}, column ${col}: ${plain(fault.code, fault.message)}`, line: null };
  });
  if (broken.length > 0) return { kind: 'broken', problems: broken };
  if (document.contents === null) return { kind: 'broken', problems: [{ path: file, message: 'is empty', line: null }] };
  try {
    return { kind: 'parsed', data: document.toJS({ maxAliasCount: MAX_ALIASES }), locate };
  } catch {
    return { kind: 'broken', problems: [{ path: file, message: `has more than ${MAX_ALIASES} uses of an alias`, line: null }] };
  }

  function locate(path: readonly PropertyKey[]): number | null {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      const start = isNode(node) ? node.range?.[0] : undefined;
      if (start !== undefined) return lines.linePos(start).line;
    }
    return null;
  }
}

function plain(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands here twice, keep one of the two';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with a tab';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, keep one';
  return message;
}
