import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { isPlaceholder, requireSlackSecrets, type Secrets } from '../../src/config/secrets.ts';
import { load, minimal, problems, withValue } from './support.ts';

describe('environment variables', () => {
  test('win over the file as the guide promises', async () => {
    const env = {
      DEPLOY_LEAD: 'U0EVE',
      BACKUP_RETENTION_DAYS: '7',
      MONITOR_DURATION: '1800',
      PORT: '0',
      LOG_LEVEL: 'WARN',
      RELEASE_TAG: 'v2.1.0',
      ARTIFACT_DIR: '/tmp/a',
    };
    const { config, settings } = await load(withValue('people', { deployLead: 'U0LEAD' }), { env });
    expect(config.people.deployLead).toBe('U0EVE');
    expect(config.environments['production']?.backup.keep).toBe(7 * 86_400_000);
    expect(config.environments['production']?.monitor).toMatchObject({
      duration: 1_800_000,
      updates: [0, 900_000, 1_800_000],
      interval: 30_000,
    });
    expect(settings).toEqual({
      port: 0,
      apiUrl: null,
      githubApiUrl: null,
      logLevel: 'warn',
      releaseTag: 'v2.1.0',
      deployLead: 'U0EVE',
      artifactDir: '/tmp/a',
    });
  });

  test('take a duration for the watch as well as seconds', async () => {
    const { config } = await load(stringify(minimal()), { env: { MONITOR_DURATION: '8s' } });
    expect(config.environments['production']?.monitor).toMatchObject({ duration: 8_000, updates: [0] });
  });

  test('that are empty count as not set', async () => {
    const { settings, secrets } = await load(stringify(minimal()), { env: { PORT: '', SLACK_BOT_TOKEN: ' ', RELEASE_TAG: '' } });
    expect(settings.port).toBe(3000);
    expect(settings.releaseTag).toBeNull();
    expect(secrets.botToken).toBeNull();
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['SLACK_API_URL', 'slack.com'],
    ['GITHUB_API_URL', 'ftp://github'],
    ['LOG_LEVEL', 'loud'],
    ['RELEASE_TAG', 'RELEASE_TAG'],
    ['RELEASE_TAG', '2.1.0'],
    ['DEPLOY_LEAD', '@DEPLOY_LEAD'],
    ['DEPLOY_LEAD', 'ada'],
    ['BACKUP_RETENTION_DAYS', '0'],
    ['BACKUP_RETENTION_DAYS', '30d'],
    ['MONITOR_DURATION', '0'],
    ['MONITOR_DURATION', 'an hour'],
  ])('%s=%s is refused with the variable named', async (name, value) => {
    expect(await problems(stringify(minimal()), { env: { [name]: value } })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: cannot be used \\(got ".*"\\), write `)),
    ]);
  });
});

describe('Slack secrets', () => {
  const none: Pick<Secrets, 'botToken' | 'signingSecret' | 'appToken'> = { botToken: null, signingSecret: null, appToken: null };
  const bot = 'xoxb-2468-1357-AbCdEf';
  const app = 'xapp-1-A0-2468-abc';
  const signing = '8f742231b10e8888abcd99yyyzzz85a5';

  test('mean Socket Mode when there is an app token', () => {
    expect(requireSlackSecrets({ ...none, botToken: bot, appToken: app, signingSecret: signing })).toEqual({
      kind: 'socket',
      botToken: bot,
      appToken: app,
      signingSecret: signing,
    });
  });

  test('mean HTTP when there is only a signing secret', () => {
    expect(requireSlackSecrets({ ...none, botToken: bot, signingSecret: signing })).toEqual({
      kind: 'http',
      botToken: bot,
      signingSecret: signing,
    });
  });

  test.each<[string, Partial<Secrets>, RegExp]>([
    [
      'nothing',
      {},
      /SLACK_BOT_TOKEN: is missing\. Find it at .*\n.*SLACK_SIGNING_SECRET: is missing.*\n.*SLACK_APP_TOKEN to use Socket Mode/,
    ],
    ['an app token for the bot', { botToken: app, signingSecret: signing }, /SLACK_BOT_TOKEN: holds what belongs into SLACK_APP_TOKEN/],
    ['a bot token for the app', { botToken: bot, appToken: bot }, /SLACK_APP_TOKEN: holds what belongs into SLACK_BOT_TOKEN/],
    [
      'a user token for the bot',
      { botToken: 'xoxp-12345-abc', appToken: app },
      /SLACK_BOT_TOKEN: is of the wrong kind, its own begins with xoxb-/,
    ],
    [
      'a token for the signing secret',
      { botToken: bot, signingSecret: bot },
      /SLACK_SIGNING_SECRET: holds what belongs into SLACK_BOT_TOKEN/,
    ],
    [
      'a template',
      { botToken: 'xoxb-your-token', appToken: 'xapp-xxx' },
      /SLACK_BOT_TOKEN: is still a placeholder[\s\S]*SLACK_APP_TOKEN: is still a placeholder/,
    ],
  ])('refuse %s and repeat no value', (_title, given, expected) => {
    const attempt = () => requireSlackSecrets({ ...none, ...given });
    expect(attempt).toThrow(expected);
    for (const value of Object.values(given)) expect(attempt).not.toThrow(value);
  });

  test.each([
    'xoxb-your-token',
    'xoxb-...',
    'xoxb-',
    'xapp-xxxx',
    'changeme',
    'change-me',
    'CHANGEME',
    '<token>',
    '{{ token }}',
    'xxx',
    'RELEASE_TAG',
    '@DEPLOY_LEAD',
    'your_signing_secret',
    '***',
    'TODO',
    'ghp_xxxx',
    '$SLACK_BOT_TOKEN_VALUE'.slice(1),
  ])('call %s a placeholder', (value) => expect(isPlaceholder(value)).toBe(true));

  test.each([bot, app, signing, 'xoxb-demo-bot', 'demo-signing-secret', '0123456789abcdef'])('do not call %s a placeholder', (value) =>
    expect(isPlaceholder(value)).toBe(false),
  );
});
