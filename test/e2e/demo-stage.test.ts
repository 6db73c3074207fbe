import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACES } from '../../demo/config.ts';
import { HOW_TO_INSTALL, localSlackAvailable } from '../../demo/local-slack.ts';
import { type SetStage, withStage } from '../../demo/stage.ts';
import { until } from '../../demo/until.ts';
import { temporaryFolder } from '../demo/support.ts';

const BOT = fileURLToPath(new URL('../fixtures/demo/bot.js', import.meta.url));
const missing = localSlackAvailable() ? '' : ` (skipped: local-slack is not installed. ${HOW_TO_INSTALL})`;

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  dir = await temporaryFolder();
});
afterEach(() => dir.remove());

function stage<T>(mode: 'good' | 'broken' | 'short', show: (set: SetStage) => Promise<T>): Promise<T> {
  const env = { PATH: '/usr/bin:/bin', SECRET: 'never passed on' };
  return withStage(
    { dir: dir.path, dhash: [process.execPath, BOT, mode], env, pace: PACES.script, slackPort: 0, github: false, print: () => {} },
    show,
  );
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe.skipIf(missing !== '')(`the stage of the demo${missing}`, () => {
  it('stands while the show goes on, and nothing of it answers afterwards', async () => {
    const seen = await stage('good', async ({ slack, botUrl, traffic, botLog }) => {
      expect([await answers(slack.url), await answers(botUrl)]).toEqual([true, true]);
      await until(async () => traffic.counts().sent > 0, { what: 'traffic', timeoutMs: 5_000 });
      await until(async () => (await readFile(botLog, 'utf8')).includes('connected'), { what: 'the log', timeoutMs: 5_000 });
      return { slack, botUrl };
    });
    expect([await answers(seen.slack.url), await answers(seen.botUrl)]).toEqual([false, false]);
    expect(await readdir(dir.path)).toEqual(expect.arrayContaining(['bot.log', 'dhash.yml', 'git', 'host']));
  });

  it('says why the first release did not go live, and lets no setting but its own reach the bot', async () => {
    await expect(stage('broken', async () => 'shown')).rejects.toMatchObject({
      code: 'demo-setup-failed',
      tail: [`deploying with ${dir.path}/dhash.setup.yml, secret: none`],
    });
  });

  it('ends the show when the bot ends by itself', async () => {
    await expect(stage('short', () => new Promise(() => {}))).rejects.toMatchObject({
      code: 'demo-bot-ended',
      message: 'The bot ended with 7.',
      tail: expect.arrayContaining(['connected']),
    });
  });

  it('empties a folder that an earlier demo made', async () => {
    await stage('broken', async () => null).catch(() => null);
    await writeFile(join(dir.path, 'old'), 'old');
    await stage('broken', async () => null).catch(() => null);
    expect(await readdir(dir.path)).not.toContain('old');
  });
});

it('leaves a folder alone that holds files of somebody else', async () => {
  await writeFile(join(dir.path, 'thesis.txt'), 'precious');
  await expect(stage('good', async () => null)).rejects.toMatchObject({ code: 'demo-folder-taken' });
  expect(await readdir(dir.path)).toEqual(['thesis.txt']);
});
