import { join, relative } from 'node:path';
import { z } from 'zod';
import type { Argv } from '../../core/config.ts';
import { isTag } from '../../core/tag.ts';
import { parsed, say } from '../command.ts';
import type { PremergeContext, Stage } from '../stage.ts';

const SHOWN = 5;
const manifest = z.object({ version: z.string().optional() });

/** Which commit this is, and whether the files are those of the commit. */
export const checkout: Stage = {
  name: 'checkout',
  title: 'Look at the checkout',
  needs: [],
  run: async (context) => {
    const { folder, artifacts } = context;
    const git = (...words: string[]) => ask(context, ['git', ...words]);
    const [top = ''] = await git('rev-parse', '--show-toplevel');
    const [prefix = ''] = await git('rev-parse', '--show-prefix');
    if (prefix !== '') {
      return { kind: 'failed', evidence: `${folder} is a part of the checkout ${top}`, hint: `Run it from the top: cd ${top}` };
    }
    const [commit = ''] = await git('rev-parse', '--verify', 'HEAD^{commit}');
    const tag = (await git('tag', '--points-at', 'HEAD')).filter(isTag).at(-1) ?? null;
    // The run's own artifacts are no change of the project.
    const own = relative(folder, artifacts);
    const outside = own === '' || own.startsWith('..') ? [] : ['--', '.', `:(exclude)${own}`];
    const changed = await git('status', '--porcelain=v1', '--untracked-files=normal', ...outside);
    const dirty = changed.length > 0;
    const tree = dirty ? `changes that are not in it: ${shown(changed)}` : 'clean tree';
    const version = tag ?? context.releaseTag ?? (await versionOf(context));
    return {
      kind: 'passed',
      evidence: `${commit.slice(0, 12)}${tag === null ? '' : ` (${tag})`}, ${tree}`,
      found: { commit, tag, dirty, version },
    };
  },
};

async function ask(context: PremergeContext, argv: Argv): Promise<readonly string[]> {
  const lines: string[] = [];
  await say(context, argv, { env: { LC_ALL: 'C' }, onLine: (line) => lines.push(line) });
  return lines;
}

function shown(changed: readonly string[]): string {
  const more = changed.length > SHOWN ? ` and ${changed.length - SHOWN} more` : '';
  return `${changed
    .slice(0, SHOWN)
    .map((line) => line.slice(2).trim())
    .join(', ')}${more}`;
}

/** A commit without a tag is tried out as the release that package.json says it will become. */
async function versionOf({ folder, ports }: PremergeContext): Promise<string> {
  const text = await ports.files.read(join(folder, 'package.json'));
  const read = text === null ? null : manifest.safeParse(parsed(text));
  const tag = `v${read?.success ? (read.data.version ?? '') : ''}`;
  return isTag(tag) ? tag : 'v0.0.0-premerge';
}
