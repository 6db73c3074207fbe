// A git repository pushed to the local GitHub object by object, over its API: the same bytes, so the same ids.

import { execa } from 'execa';
import { BotError } from '../src/core/error.ts';

export type Ask = (method: string, path: string, body: object) => Promise<unknown>;

/** Pushes every branch and tag of the bare repository at `git`; answers the commits of the tags. */
export async function pushTo(ask: Ask, repository: string, git: string): Promise<readonly string[]> {
  const at = `/repos/${repository}/git`;
  const read = async (...words: readonly string[]) => (await run(git, words)).toString('utf8');
  const blobs = new Set<string>();
  for (const commit of lines(await read('rev-list', '--reverse', '--topo-order', '--all'))) {
    const tree = lines(await read('ls-tree', '-r', commit)).map(entry);
    const fresh = [...new Set(tree.map(({ sha }) => sha))].filter((sha) => !blobs.has(sha));
    for (const content of await contents(git, fresh))
      await ask('POST', `${at}/blobs`, { content: content.toString('base64'), encoding: 'base64' });
    for (const sha of fresh) blobs.add(sha);
    const made = shaOf(await ask('POST', `${at}/trees`, { tree }));
    const raw = await read('cat-file', 'commit', commit);
    const [name, email, date] = lines(await read('log', '-1', '--format=%an%n%ae%n%aI', commit));
    const parents = lines(await read('log', '-1', '--format=%P', commit)).flatMap((line) => line.split(' '));
    const author = { name, email, date };
    const body = { message: raw.slice(raw.indexOf('\n\n') + 2), tree: made, parents, author, committer: author };
    const pushed = shaOf(await ask('POST', `${at}/commits`, body));
    if (pushed !== commit) {
      throw new BotError({
        code: 'demo-push-failed',
        message: `The local GitHub calls commit ${commit} ${pushed}.`,
        hint: 'Was it made by another person than its author, or at another time?',
      });
    }
  }
  const refs = lines(await read('for-each-ref', '--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)'));
  const found = refs.map((line) => line.split(' '));
  for (const [ref, sha] of found) await ask('POST', `${at}/refs`, { ref, sha });
  return [...new Set(found.filter(([ref]) => ref?.startsWith('refs/tags/')).flatMap(([, sha]) => sha ?? []))];
}

function entry(line: string): { readonly mode: string; readonly type: 'blob'; readonly sha: string; readonly path: string } {
  const [head = '', path = ''] = line.split('\t');
  const [mode = '', , sha = ''] = head.split(' ');
  return { mode, type: 'blob', sha, path };
}

function shaOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'sha' in answer && typeof answer.sha === 'string' ? answer.sha : 'nothing';
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** All of them by one process: "<id> blob <size>", the bytes, a line end, and the next. */
async function contents(git: string, shas: readonly string[]): Promise<readonly Buffer[]> {
  if (shas.length === 0) return [];
  const out = await run(git, ['cat-file', '--batch'], `${shas.join('\n')}\n`);
  const found: Buffer[] = [];
  for (let at = 0; at < out.length; ) {
    const end = out.indexOf(10, at);
    const size = Number(out.toString('utf8', at, end).split(' ')[2]);
    found.push(out.subarray(end + 1, end + 1 + size));
    at = end + size + 2;
  }
  return found;
}

async function run(git: string, words: readonly string[], input = ''): Promise<Buffer> {
  const { stdout } = await execa('git', [`--git-dir=${git}`, '-c', 'core.quotePath=false', ...words], {
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  return Buffer.from(stdout);
}
