// Canaries in the bot's environment, in what its programs print and in what strangers answer: none is seen anywhere afterwards.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createStage, until } from '../fixtures/e2e/program.ts';
import { status, webServer } from '../support/notify/web.ts';
import { APP_TOKEN, BOT_TOKEN } from '../support/slack/strict-slack.ts';

const LEAKY = fileURLToPath(new URL('../fixtures/secrets/leaky.mjs', import.meta.url));
let planted = 0;
/** Looks like nothing, so only what knows it or its place can hide it. */
const canary = () => {
  planted += 1;
  return `canary${String(planted).padStart(2, '0')}Zq8vK2mWx7Tb5Rf`;
};

/** Of the bot, by variable. */
const OWN = {
  GITHUB_TOKEN: canary(),
  SMTP_PASSWORD: canary(),
  TEAMS_SIG: canary(),
  PAGERDUTY_ROUTING_KEY: canary().padEnd(32, '0'),
  SLACK_SIGNING_SECRET: canary(),
};
/** Of others, in the same environment: no program of the service has a use for them. */
const FOREIGN = Object.fromEntries(
  [
    'AWS_SECRET_ACCESS_KEY',
    'DATABASE_URL',
    'NPM_TOKEN',
    'STRIPE_KEY',
    'KUBECONFIG_DATA',
    'SSH_PRIVATE',
    'NODE_AUTH',
    'DH_PASS',
    'LD_SECRET',
    'OPENAI',
  ].map((name) => [name, canary()]),
);
/** What looks like a secret, wherever it comes from. */
const SHAPED = [
  `xoxb-${canary()}`,
  `xoxp-1-${canary()}`,
  `xoxe.xoxp-1-${canary()}`,
  `xapp-1-${canary()}`,
  `https://hooks.slack.com/services/T0/B0/${canary()}`,
  `https://hooks.slack.com/workflows/T0/${canary()}?x=1`,
  `ghp_${canary()}`,
  `ghs_${canary()}`,
  `github_pat_${canary()}`,
  `Authorization: Bearer ${canary()}`,
  `authorization: Basic ${canary()}`,
  `{"authorization":"token ${canary()}"}`,
  `curl -H "Bearer ${canary()}"`,
  `postgres://app:${canary()}@db/x`,
  `redis://:${canary()}@cache`,
  `https://${canary()}@git.example/x.git`,
  `DB_PASSWORD=${canary()}`,
  `export API_KEY="${canary()} x"`,
  `aws_secret_access_key=${canary()}`,
  `GET /?access_token=${canary()}&page=2`,
  `{"password": "${canary()}"}`,
  `{\\"client_secret\\": \\"${canary()}\\"}`,
  `PASSPHRASE='${canary()}'`,
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${canary()}\n${canary()}==\n-----END OPENSSH PRIVATE KEY-----`,
  `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ${canary()}\n${canary()}\n`,
];
const TYPED = `xoxb-${canary()}`;

test('more than 40 canaries, and none is seen in logs, Slack, database, reports, mails or process arguments', async () => {
  const { stage, running, dir, teams } = await leakyStage();
  const bot = stage.launch({ ...environmentOf(teams.url), ...FOREIGN });
  const words = watchArguments();
  await until('Slack hears it', () => stage.slack.sockets.size === 2, bot.said);
  await stage.type('U0LEAD', `lock production by ${TYPED}`);
  await stage.type('U0LEAD', 'unlock production');
  for (const how of ['fail', 'print']) {
    writeFileSync(running, how);
    await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
    const count = how === 'fail' ? 1 : 2;
    await until(
      `deploy ${count} has ended`,
      async () => (await stage.bot.opened.store.requests({})).filter(({ state }) => state === 'failed').length === count,
      bot.said,
    );
  }
  await until('Teams was told', () => teams.received.length > 1, bot.said);
  await until('the story is told', async () => (await stage.bot.opened.outbox.channels()).length === 0, bot.said);
  await until('what Teams answered is kept', async () =>
    /notice\.l/.test(JSON.stringify(await stage.bot.opened.store.eventsAfter(0, 5_000))),
  );
  bot.kill('SIGTERM');
  await bot.exited;
  expect(planted).toBeGreaterThan(40);

  const channel = JSON.stringify([...stage.slack.channels.values(), stage.slack.ephemerals, stage.slack.calls.map(({ args }) => args)]);
  expect(channel).toContain('[redacted]');
  expect(seenIn(channel)).toEqual([]);
  expect(seenIn(bot.said())).toEqual([]);
  expect(seenIn(JSON.stringify(teams.received.map(({ body }) => body)))).toEqual([]);
  expect(seenIn(words.stop().join('\n'))).toEqual([]);
  const kept = filesBelow(join(dir, 'data'));
  expect(kept.length).toBeGreaterThan(5);
  // The service writes its own log; everything that is shown of it goes through the bot.
  const ours = kept.filter((path) => !/logs\/production-(?:blue|green)\.log$/.test(path));
  for (const path of ours) expect(seenIn(readFileSync(path, 'latin1')), path).toEqual([]);
  expect(kept.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
  // What the service got is what it may have: none of the others' variables.
  const environments = readFileSync(kept.find((path) => /production-(?:blue|green)\.log$/.test(path)) ?? '', 'utf8').split('\n')[0] ?? '';
  for (const name of [...Object.keys(FOREIGN), ...Object.keys(OWN), 'SLACK_BOT_TOKEN']) expect(environments).not.toContain(name);
}, 120_000);

/** Its build and its service print what they should not; GitHub and Teams answer with what they were sent. */
async function leakyStage() {
  const teams = await webServer();
  onTestFinished(teams.stop);
  const page = Object.values(OWN).join(' ');
  for (let at = 0; at < 50; at += 1)
    teams.next.push(status(400, { 'content-type': 'text/html' }, `<html>bad: ${page} ${'x'.repeat(100)}${page}</html>`));
  const stage = await createStage();
  const dir = dirname(stage.bot.configFile);
  const [running, secrets] = [join(dir, 'running'), join(dir, 'secrets.json')];
  writeFileSync(secrets, JSON.stringify({ known: [BOT_TOKEN, APP_TOKEN, ...Object.values(OWN)], shaped: SHAPED }));
  const run = `const [leaky, running, secrets] = process.argv.slice(1); const how = require('fs').readFileSync(running, 'utf8');
    process.exit(require('child_process').spawnSync(process.execPath, [leaky, how, secrets], { stdio: 'inherit' }).status)`;
  const config = parse(readFileSync(stage.bot.configFile, 'utf8'));
  const { production } = config.environments;
  production.build = [[process.execPath, '-e', run, LEAKY, running, secrets]];
  Object.assign(production.service, { start: [process.execPath, LEAKY, 'serve', secrets], ready: { path: '/health', timeout: '3s' } });
  config.notify = { mail: { from: 'a@x.test', stakeholders: ['b@x.test'], emergency: ['b@x.test'], timeout: '2s' } };
  writeFileSync(stage.bot.configFile, stringify(config));
  return { stage, running, dir, teams };
}

function environmentOf(teams: string): Readonly<Record<string, string>> {
  const { SMTP_PASSWORD, TEAMS_SIG, ...plain } = OWN;
  // Nobody listens there: what the library says of it must not name the password.
  return {
    ...plain,
    SMTP_URL: `smtp://bot:${SMTP_PASSWORD}@127.0.0.1:9`,
    TEAMS_WEBHOOK_URL: `${teams}/hook?sig=${TEAMS_SIG}`,
    LOG_LEVEL: 'debug',
  };
}

function seenIn(text: string): readonly string[] {
  const tokens = [BOT_TOKEN, APP_TOKEN].filter((token) => text.includes(token));
  return [...new Set([...(text.match(/canary\d\dZq8v[^\s"]{0,20}/g) ?? []), ...tokens])];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Reads the arguments of every process again and again. */
function watchArguments() {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It ended between listing and reading.
      }
    }
  }, 20);
  onTestFinished(() => clearInterval(timer));
  return {
    stop: () => {
      clearInterval(timer);
      return [...seen];
    },
  };
}
