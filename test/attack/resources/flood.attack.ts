import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createStage, until, wholeStory } from '../../fixtures/e2e/program.ts';

const SECONDS = 60;
const LINES_A_SECOND = 10_000;
/** Memory that the flood may take beside what an idle bot has: 42 MB were seen, 61 beside other work, where garbage waits longer. */
const MORE_MB = 80;

const FLOOD = `
process.stdout.write('x'.repeat(10 * 1024 * 1024) + '\\n');
let line = 0;
const began = Date.now();
const timer = setInterval(() => {
  const due = Math.min(${SECONDS * LINES_A_SECOND}, Math.floor((Date.now() - began) * ${LINES_A_SECOND / 1_000}));
  let text = '';
  for (; line < due; line += 1) text += 'compiling unit ' + line + '\\n';
  process.stdout.write(text);
  if (line === ${SECONDS * LINES_A_SECOND}) clearInterval(timer);
}, 20);
`;

test('a build that prints a line of 10 MB and 10,000 lines a second for a minute costs the bot little memory, and it goes on answering', {
  timeout: 400_000,
}, async () => {
  const stage = await createStage({ build: [[process.execPath, '-e', FLOOD]] });
  const program = await stage.start('all');
  const { store } = stage.bot.opened;
  const page = `http://127.0.0.1:${/on port (\d+)/.exec(program.said())?.[1]}/healthz`;
  const memoryMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  const idleMb = memoryMb();
  await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
  const request = await until('it is asked for', async () => (await store.requests({}))[0]?.id, program.said);

  let [peakMb, slowestMs, answers] = [0, 0, 0];
  await until(
    'it has ended',
    async () => {
      const asked = performance.now();
      const { status } = await fetch(page);
      expect(status).toBe(200);
      answers += 1;
      slowestMs = Math.max(slowestMs, performance.now() - asked);
      peakMb = Math.max(peakMb, memoryMb());
      await new Promise((resolve) => setTimeout(resolve, 200));
      return (await store.request(request))?.state !== 'open';
    },
    program.said,
    300_000,
  );
  process.stdout.write(
    `${Math.round(idleMb)} MB idle, ${Math.round(peakMb)} MB at most, slowest of ${answers} pages ${Math.round(slowestMs)} ms\n`,
  );
  expect((await store.request(request))?.state).toBe('succeeded');
  expect(peakMb - idleMb).toBeLessThan(MORE_MB);
  await wholeStory(stage, request);

  const data = join(dirname(stage.bot.configFile), 'data');
  const [log = ''] = readdirSync(join(data, 'logs')).filter((name) => name.startsWith('job-'));
  const lines = readFileSync(join(data, 'logs', log), 'utf8').split('\n');
  expect(lines.filter((line) => /compiling unit \d+$/.test(line))).toHaveLength(SECONDS * LINES_A_SECOND);
  expect(Math.max(...lines.slice(0, 100).map(({ length }) => length))).toBeLessThan(5_000);
  expect(statSync(join(data, 'dhash.db')).size).toBeLessThan(4 * 1024 * 1024);
});
