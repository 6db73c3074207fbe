// bin/dhash's own words, in this process: what it prints and which exit code it ends with.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../src/program.ts';
import { createBot, readText } from '../fixtures/e2e/bot.ts';
import { APP_TOKEN, BOT_TOKEN } from '../support/slack/strict-slack.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
let configFile: string;

// One environment that nothing was ever deployed to; no test here deploys.
beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dhash-cli-'));
  const bot = await createBot(dir, undefined, { approvals: { required: 2, fromOps: 1, expiresAfter: '1h' } });
  bot.opened.close();
  configFile = bot.configFile;
  return () => rm(dir, { recursive: true, force: true });
});

async function dhash(words: string, env: Record<string, string> = {}, user = 'stranger') {
  const lines: string[] = [];
  const troubles: string[] = [];
  const ending = new AbortController();
  ending.abort();
  const code = await runProgram({
    argv: words === '' ? [] : words.split(' '),
    env: { DHASH_CONFIG: configFile, LOG_LEVEL: 'fatal', ...env },
    user,
    projectDir: PROJECT,
    readText: (path) => readText(path),
    output: { line: (text) => lines.push(text), current: () => {}, trouble: (text) => troubles.push(text) },
    stderr: { write: () => true },
    signal: ending.signal,
    onUnhandled: () => {},
  });
  return { code, said: lines.join('\n'), trouble: troubles.join('\n') };
}

test('says what it can do when nothing is asked', async () => {
  const { code, said } = await dhash('');
  expect(code).toBe(0);
  for (const word of ['deploy', 'rollback', 'approve', 'start', 'audit', 'manifest']) expect(said).toContain(word);
});

test('help fits a terminal, and a verb says what it takes without a configuration and without being done', async () => {
  const { said } = await dhash('help');
  for (const line of said.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
  for (const words of ['help rollback', 'rollback --help', 'rollback -h', 'rollback --env production --emergency --help']) {
    const { code, said: rollback } = await dhash(words, { DHASH_CONFIG: '/nowhere/dhash.yml' });
    expect(code).toBe(0);
    expect(rollback).toMatch(/^bin\/dhash rollback .*--emergency.*\n {2}Go back/);
  }
  expect(await dhash('golden check --help')).toMatchObject({ code: 0, said: expect.stringContaining('bin/dhash golden check|generate') });
});

test('a word that is no command is named before the configuration is asked for', async () => {
  expect(await dhash('deplyo v2.0.0', { DHASH_CONFIG: '/nowhere/dhash.yml' })).toMatchObject({
    code: 2,
    trouble: 'dhash: "deplyo" is not a command\nDid you mean bin/dhash deploy?',
  });
  expect((await dhash('help frobnicate')).trouble).toContain('All of them: bin/dhash help');
});

test.each([
  ['start', {}, /SLACK_BOT_TOKEN/],
  ['start', { SLACK_BOT_TOKEN: BOT_TOKEN }, /SLACK_SIGNING_SECRET: is missing/],
  ['start', { SLACK_BOT_TOKEN: 'xoxb-your-token', SLACK_APP_TOKEN: APP_TOKEN }, /SLACK_BOT_TOKEN/],
  ['start', { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_APP_TOKEN: 'changeme' }, /SLACK_APP_TOKEN/],
  ['start --role boss', {}, /--role "boss" is not a role/],
  ['start --rol bot', {}, /--role/],
  ['config', {}, /config check/],
  ['audit', {}, /audit verify\|export/],
])('%s with %j is refused before anything runs, by name', async (words, env, names) => {
  const { code, trouble } = await dhash(words, env);
  expect(code).toBe(2);
  expect(trouble).toMatch(names);
  for (const secret of Object.values(env)) expect(trouble).not.toContain(secret);
});

test('a configuration that is not there or not right ends with 2, and one that is right says so', async () => {
  expect(await dhash('config check')).toMatchObject({ code: 0, said: 'The configuration is good: production.' });
  expect(await dhash('config check', { DHASH_CONFIG: '/nowhere/dhash.yml' })).toMatchObject({
    code: 2,
    trouble: expect.stringContaining('/nowhere/dhash.yml'),
  });
});

test.each([
  ['deplyo v2.0.0', 2, /deploy/],
  ['deploy --env prodution --tag v2.0.0', 3, /production/],
  ['deploy --env production --tag v9.9.9', 3, /v9\.9\.9/],
  ['approve d-nope', 3, /d-nope/],
])('%s ends with %i and names what is wrong', async (words, wanted, names) => {
  const { code, trouble } = await dhash(words, {}, userInfo().username);
  expect(code).toBe(wanted);
  expect(trouble).toMatch(names);
});

test('whoever the configuration does not know may look, but not deploy', async () => {
  expect(await dhash('status')).toMatchObject({ code: 0 });
  const { code, trouble } = await dhash('deploy --env production --tag v2.0.0');
  expect(code).toBe(3);
  expect(trouble).toContain('people.shell.stranger in dhash.yml');
});

test('--json answers a machine', async () => {
  const { code, said } = await dhash('status --json');
  expect(code).toBe(0);
  expect(JSON.parse(said)).toMatchObject({ kind: 'answered' });
  const refused = await dhash('deploy v9.9.9 --json');
  expect(refused.code).toBe(3);
  expect(JSON.parse(refused.said)).toMatchObject({ kind: 'refused', reason: expect.any(String), hint: expect.any(String) });
});

test('the audit holds what was refused, each line is one event, and the chain is proved', async () => {
  await dhash('deploy --env production --tag v9.9.9');
  const exported = await dhash('audit export');
  expect(exported.said.split('\n').map((line) => JSON.parse(line).type)).toContain('command.refused');
  expect(await dhash('audit verify')).toMatchObject({ code: 0, said: expect.stringMatching(/^The chain holds: \d+ events/) });
});

test('prints the manifest, and its HTTP form for an address', async () => {
  const text = await readFile(join(PROJECT, 'manifest.yml'), 'utf8');
  expect((await dhash('manifest')).said).toBe(text.trimEnd());
  const { said } = await dhash('manifest --http https://ops.example.com');
  expect(said).toContain('https://ops.example.com/slack/events');
  expect(said).toContain('socket_mode_enabled: false');
});
