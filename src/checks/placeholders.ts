// Has everything been filled in that a template left open?

import { type CheckResult, error, fail, pass } from '../core/check.ts';
import type { Config } from '../core/config.ts';
import { NOTICES } from '../core/notice.ts';
import { findPlaceholders } from '../core/placeholders.ts';
import { fillWording } from '../core/wording.ts';
import type { Check, CheckContext } from './context.ts';

export interface FileFacts {
  readonly path: string;
  /** null = there is no such file. */
  readonly text: string | null;
}

const SHOWN = 5;

/** What it looks at is less than a whole checklist has, so that a dry run can ask it too. */
export type PlaceholderContext = Pick<CheckContext, 'environment' | 'now'> & {
  readonly config: Pick<Config, 'notify'>;
  readonly ports: Pick<CheckContext['ports'], 'files'>;
  readonly request: { readonly tag: string };
};

export const checkPlaceholders = async ({ environment, config, ports, now, request }: PlaceholderContext): ReturnType<Check> => {
  const files = await Promise.all(environment.placeholders.map(async (path) => ({ path, text: await ports.files.read(path) })));
  return { result: judgePlaceholders([...files, ...ownWording(config.notify.wording, request.tag)]), at: now };
};

/** What would be sent in the site's own words, as far as it can be filled in before anything has happened. */
function ownWording(wording: Config['notify']['wording'], tag: string): readonly FileFacts[] {
  return NOTICES.flatMap((notice) =>
    (['title', 'text'] as const).flatMap((part) => {
      const words = wording[notice]?.[part] ?? null;
      return words === null ? [] : [{ path: `notify.wording.${notice}.${part}`, text: fillWording(words, { tag }) }];
    }),
  );
}

export function judgePlaceholders(files: readonly FileFacts[]): CheckResult {
  if (files.length === 0) return pass('no files are declared to look through');
  const missing = files.filter(({ text }) => text === null).map(({ path }) => path);
  if (missing.length > 0) return error(`there is no file ${missing.join(', ')}`, 'Write it, or take it out of placeholders in dhash.yml.');
  const left = files.flatMap(({ path, text }) => findPlaceholders(text ?? '').map(({ line, word }) => `${path}:${line} ${word}`));
  if (left.length === 0) return pass(`none left in ${files.length === 1 ? 'one file' : `${files.length} files`}`);
  const more = left.length > SHOWN ? ` and ${left.length - SHOWN} more` : '';
  return fail(`${left.slice(0, SHOWN).join(', ')}${more}`, 'Fill them in, then ask again.');
}
