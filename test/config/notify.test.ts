import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { secretValues } from '../../src/config/notify-secrets.ts';
import { USUAL_AUDIENCES } from '../../src/core/notice.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { load, minimal, problems, withValue } from './support.ts';

const KEY = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4';

test('without a section nobody is told beside Slack, and the usual audiences stand', async () => {
  const { config, secrets } = await load(stringify(minimal()));
  expect(config.notify).toMatchObject({ mail: null, meeting: null, wording: {}, audiences: USUAL_AUDIENCES });
  expect(secrets).toMatchObject({ smtpUrl: null, teamsWebhookUrl: null, pagerdutyRoutingKey: null });
});

test.each<[string, string, unknown, RegExp]>([
  [
    'an address that is none',
    'notify.mail',
    { from: 'x@ops.test', stakeholders: ['ana'] },
    /notify\.mail\.stakeholders\[0\]: not an e-mail address \(got "ana"\)/,
  ],
  ['a sender that smuggles a header', 'notify.mail', { from: 'x@ops.test\r\nBcc: y@ops.test' }, /notify\.mail\.from: not a sender/],
  [
    'a timeout without its unit',
    'notify.teams',
    { timeout: 20 },
    /notify\.teams\.timeout: not a duration with its unit above 0 \(got 20\), write 30s/,
  ],
  [
    'an audience that is not known',
    'notify.audiences',
    { success: ['everybody'] },
    /notify\.audiences\.success\[0\]: .*write ops, stakeholders, emergency, teams/,
  ],
  [
    'a notice that is not known',
    'notify.audiences',
    { sucess: [] },
    /notify\.audiences\.sucess: is not a key here, did you mean success\?/,
  ],
  [
    'a notice without wording',
    'notify.wording',
    { hello: { text: 'x' } },
    /notify\.wording\.hello: not a notice, write one of: announcement/,
  ],
  [
    'a fact that is not known',
    'notify.wording',
    { success: { text: 'by {{led}}' } },
    /notify\.wording\.success\.text: \{\{led\}\} is not known here, did you mean \{\{lead\}\}\?/,
  ],
  [
    'a fact of another notice',
    'notify.wording',
    { success: { title: '{{severity}}' } },
    /notify\.wording\.success\.title: \{\{severity\}\} is not known here/,
  ],
  ['unescaped facts', 'notify.wording', { success: { text: '{{{tag}}}' } }, /\{\{&tag\}\}, which is more than a fact/],
  ['a section', 'notify.wording', { success: { text: '{{#tag}}x{{/tag}}' } }, /\{\{#tag\}\}, which is more than a fact/],
  ['a partial', 'notify.wording', { success: { text: '{{> /etc/passwd}}' } }, /\{\{>\/etc\/passwd\}\}, which is more than a fact/],
  [
    'braces that do not close',
    'notify.wording',
    { success: { text: '{{tag' } },
    /notify\.wording\.success\.text: cannot be read \(Unclosed tag/,
  ],
])('refuses %s, with its path', async (_title, path, value, said) => {
  expect((await problems(withValue(path, value))).join('\n')).toMatch(said);
});

test.each([
  ['SMTP_URL', 'smtp://user:password@smtp.example.com', /SMTP_URL: is still a placeholder/],
  ['SMTP_URL', 'mail.ops.test:25', /SMTP_URL: is not an smtp:\/\/ or smtps:\/\/ address/],
  ['TEAMS_WEBHOOK_URL', 'http://teams.ops.test/hook', /TEAMS_WEBHOOK_URL: is not an https:\/\/ address/],
  ['TEAMS_WEBHOOK_URL', 'https://example.com/hook', /TEAMS_WEBHOOK_URL: is still a placeholder/],
  ['PAGERDUTY_ROUTING_KEY', 'your-routing-key', /PAGERDUTY_ROUTING_KEY: is still a placeholder/],
  ['PAGERDUTY_ROUTING_KEY', `${KEY}!`, /PAGERDUTY_ROUTING_KEY: is not a routing key/],
])('refuses %s=%s without showing it', async (variable, value, said) => {
  const lines = (await problems(stringify(minimal()), { env: { [variable]: value } })).join('\n');
  expect(lines).toMatch(said);
  expect(lines).not.toContain(value);
});

test('takes real ones', async () => {
  const env = {
    SMTP_URL: 'smtps://bot:s3cr%40t-word@mail.ops.test:465',
    TEAMS_WEBHOOK_URL: 'https://hooks.ops.test/x?sig=abcdef',
    PAGERDUTY_ROUTING_KEY: KEY,
  };
  const { secrets } = await load(stringify(minimal()), { env });
  const redact = createRedactor(secretValues(secrets));
  const told = redact(`535 s3cr@t-word refused; POST /x?sig=abcdef; key ${KEY}; ${env.SMTP_URL}`);
  expect(told).not.toMatch(/s3cr|abcdef|a1b2c3|%40/);
});

test.each(['SLACK_BOT_TOKEN', 'GITHUB_TOKEN', 'SMTP_URL', 'TEAMS_WEBHOOK_URL', 'PAGERDUTY_ROUTING_KEY'])(
  '%s is no variable that a service or a pre-merge command may have',
  async (name) => {
    const found = [
      ...(await problems(withValue('environments.production.service.environment', [name]))),
      ...(await problems(withValue('premerge.variables', [name]))),
    ];
    expect(JSON.stringify(found).match(/never a secret of the bot/g)).toHaveLength(2);
  },
);
