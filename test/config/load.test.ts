import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { load, minimal, problems, withValue } from './support.ts';

const P = 'environments.production';

describe('loading dhash.yml', () => {
  test('fills in everything an operator leaves out', async () => {
    const { config } = await load(stringify(minimal()));
    const { production } = config.environments;
    expect(config).toMatchObject({ dataDir: '/etc/dhash/data', timezone: 'UTC', defaultEnvironment: 'production', github: null });
    expect(config.people).toEqual({
      reviewers: [],
      ops: [],
      deployLead: null,
      oncall: null,
      mediaEng: null,
      engineeringManager: null,
      shell: {},
    });
    expect(production).toMatchObject({
      name: 'production',
      root: '/etc/dhash/srv',
      source: { kind: 'git', url: '/srv/git/mobius.git' },
      proxy: { kind: 'builtin', listen: 8080, host: '127.0.0.1' },
      approvals: { required: 2, fromOps: 1, expiresAfter: 3_600_000 },
      checklist: ['backup', 'placeholders', 'contacts', 'approvals'],
      backup: { keep: 30 * 86_400_000, keepLastGood: 5, schedule: '0 3 * * *', before: [] },
      keepReleases: 5,
      escalation: [],
    });
    expect(production?.monitor).toMatchObject({
      interval: 30_000,
      health: 'http://127.0.0.1:8080/health',
      metrics: 'http://127.0.0.1:8080/metrics',
      updates: [0, 900_000, 1_800_000, 2_700_000, 3_600_000],
    });
  });

  test('freezes what it answers, down to the last list', async () => {
    const { config } = await load(stringify(minimal()));
    expect(Object.isFrozen(config.environments['production']?.service.ports)).toBe(true);
    expect(Object.isFrozen(config.environments['production']?.monitor.updates)).toBe(true);
  });

  test.each<[string, string, unknown, object]>([
    [
      'a systemd unit',
      `${P}.service.start`,
      { unit: 'dhash@{slot}.service' },
      { service: { start: { kind: 'systemd', unit: 'dhash@{slot}.service' } } },
    ],
    [
      'a folder of zips',
      `${P}.source`,
      { archive: './zips/{tag}.zip' },
      { source: { kind: 'archive', path: '/etc/dhash/zips/{tag}.zip' } },
    ],
    ['a git path beside the file', `${P}.source`, { git: '../mobius.git' }, { source: { kind: 'git', url: '/etc/mobius.git' } }],
    [
      'an scp-like git address',
      `${P}.source`,
      { git: 'git@github.com:a/b.git' },
      { source: { kind: 'git', url: 'git@github.com:a/b.git' } },
    ],
    [
      'nginx',
      `${P}.proxy`,
      { listen: 80, nginx: { upstreamFile: './up.conf', reload: ['systemctl', 'reload', 'nginx'] } },
      {
        proxy: {
          kind: 'nginx',
          listen: 80,
          upstreamFile: '/etc/dhash/up.conf',
          upstream: 'mobius_dhash_production',
          reload: ['systemctl', 'reload', 'nginx'],
        },
      },
    ],
    [
      'a public port on every address',
      `${P}.proxy`,
      { listen: 81, host: '0.0.0.0' },
      { monitor: { health: 'http://127.0.0.1:81/health' } },
    ],
    ['a service without metrics', `${P}.monitor`, { metrics: null }, { monitor: { metrics: null } }],
    ['no approvals at all', `${P}.approvals`, { required: 0 }, { approvals: { required: 0, fromOps: 0 } }],
    ['a short watch', `${P}.monitor`, { duration: '8s' }, { monitor: { duration: 8_000, updates: [0, 2_000, 4_000, 6_000, 8_000] } }],
    ['no nightly backup', `${P}.backup`, { schedule: null }, { backup: { schedule: null } }],
    [
      'both forms of a smoke test',
      `${P}.smoke`,
      [
        { name: 'health', get: '/health' },
        { name: 'hash', run: ['npm', 'test'], critical: false, timeout: '5s' },
      ],
      {
        smoke: [
          { kind: 'http', name: 'health', path: '/health', expect: 200, critical: true, timeout: 30_000 },
          { kind: 'run', name: 'hash', argv: ['npm', 'test'], critical: false, timeout: 5_000 },
        ],
      },
    ],
  ])('takes %s', async (_title, path, value, expected) => {
    const { config } = await load(withValue(path, value));
    expect(config.environments['production']).toMatchObject(expected);
  });

  test('reads a file that begins with a byte order mark', async () => {
    const { config } = await load(`\uFEFF${stringify(minimal())}`);
    expect(config.service).toBe('mobius-dhash');
  });

  test('tells everybody with a role when the file has no ladder', async () => {
    const { config } = await load(withValue('people', { deployLead: 'U0LEAD', mediaEng: 'S0MEDIA' }));
    expect(config.environments['production']?.escalation).toEqual([
      { to: 'deployLead', after: 0 },
      { to: 'mediaEng', after: 300_000 },
    ]);
  });
});

describe('refusing dhash.yml', () => {
  test.each<[string, string, unknown, string]>([
    [
      'a duration without a unit',
      `${P}.service.drain`,
      30,
      `${P}.service.drain: not a duration with its unit (got 30), write 30s, 30m, 2h or 7d`,
    ],
    ['an unknown unit', `${P}.service.drain`, '3w', `${P}.service.drain: not a duration with its unit (got "3w"), write`],
    ['a watch of no length', `${P}.monitor.duration`, '0s', `${P}.monitor.duration: not a duration with its unit above 0 (got "0s")`],
    ['a port out of range', `${P}.proxy.listen`, 65_536, `${P}.proxy.listen: not a port (got 65536), write 1 to 65535`],
    ['a port of zero', `${P}.proxy.listen`, 0, `${P}.proxy.listen: not a port (got 0)`],
    ['a port in quotes', `${P}.proxy.listen`, '8080', `${P}.proxy.listen: not a port (got "8080")`],
    ['a percentage above 100', `${P}.rollback.cpu.above`, 100.1, `${P}.rollback.cpu.above: not a percentage (got 100.1), write 0 to 100`],
    [
      'blue on the port of green',
      `${P}.service.ports`,
      { blue: 9102, green: 9102 },
      'environments: port 9102 is taken twice (production blue and production green)',
    ],
    [
      'the proxy on the port of a slot',
      `${P}.proxy.listen`,
      9101,
      'environments: port 9101 is taken twice (production blue and production proxy)',
    ],
    [
      'nginx on the port of a slot',
      `${P}.proxy`,
      { listen: 9101, nginx: { upstreamFile: './u' } },
      'environments: port 9101 is taken twice',
    ],
    [
      'more from ops than in all',
      `${P}.approvals`,
      { required: 1, fromOps: 2 },
      `${P}.approvals.fromOps: 2 people from ops are wanted of 1 in all`,
    ],
    ['updates out of order', `${P}.monitor.updates`, ['15m', '0m'], `${P}.monitor.updates: are not in order`],
    ['an update twice', `${P}.monitor.updates`, ['15m', '15m'], `${P}.monitor.updates: are not in order`],
    ['an update after the end', `${P}.monitor.updates`, ['61m'], `${P}.monitor.updates: one comes after the end of the watch`],
    [
      'a default that is not there',
      'defaultEnvironment',
      'prod',
      'defaultEnvironment: there is no environment "prod", write one of: production',
    ],
    ['a time zone nobody knows', 'timezone', 'Mars/Base', 'timezone: not a time zone (got "Mars/Base"), write UTC or Europe/Berlin'],
    ['a schedule of six fields', `${P}.backup.schedule`, '0 0 3 * * *', `${P}.backup.schedule: not a cron expression of five fields`],
    [
      'a schedule the scheduler does not take',
      `${P}.backup.schedule`,
      '61 3 * * *',
      `${P}.backup.schedule: not a time of the calendar (got "61 3 * * *")`,
    ],
    ['a shared name that is a path', `${P}.shared`, ['../data'], `${P}.shared[0]: not a name inside shared/ (got "../data")`],
    ['a shared name twice', `${P}.shared`, ['data', 'data'], `${P}.shared: "data" stands in it twice`],
    ['a shell string for a command', `${P}.build`, ['npm ci'], `${P}.build[0]: not a command as a list of words (got "npm ci")`],
    ['a number in a command', `${P}.build`, [['node', 8080]], `${P}.build[0]: not a command as a list of words`],
    ['an empty command', `${P}.build`, [[]], `${P}.build[0]: not a command as a list of words (got [])`],
    [
      'a shell string to start',
      `${P}.service.start`,
      'npm start',
      `${P}.service.start: not a command as a list of words (got "npm start"), write [node, server.js], or { unit:`,
    ],
    [
      'a unit for one slot only',
      `${P}.service.start`,
      { unit: 'dhash.service' },
      `${P}.service.start.unit: not a systemd unit for both slots`,
    ],
    [
      'a misspelt unit',
      `${P}.service.start`,
      { unti: 'x@{slot}.service' },
      `${P}.service.start.unti: is not a key here, did you mean unit?`,
    ],
    ['no way to start', `${P}.service.start`, undefined, `${P}.service.start: is missing, write [node, server.js]`],
    ['both sources', `${P}.source.archive`, './{tag}.zip', `${P}.source: wants exactly one, write { git: ... } or { archive: ... }`],
    ['no source', `${P}.source`, {}, `${P}.source: wants exactly one`],
    ['an archive without its tag', `${P}.source`, { archive: './x.zip' }, `${P}.source.archive: not the path of a zip`],
    ['a git option for an address', `${P}.source.git`, '--upload-pack=x', `${P}.source.git: not a git address`],
    ['a git helper for an address', `${P}.source.git`, 'ext::sh -c x', `${P}.source.git: not a git address`],
    ['a smoke test that does nothing', `${P}.smoke`, [{ name: 'x' }], `${P}.smoke[0]: wants exactly one`],
    ['a smoke test that does both', `${P}.smoke`, [{ name: 'x', get: '/x', run: ['x'] }], `${P}.smoke[0]: wants exactly one`],
    [
      'two smoke tests of one name',
      `${P}.smoke`,
      [
        { name: 'x', get: '/x' },
        { name: 'x', get: '/y' },
      ],
      `${P}.smoke: "x" stands in it twice`,
    ],
    [
      'an unknown checklist item',
      `${P}.checklist`,
      ['backups'],
      `${P}.checklist[0]: not one of the known words (got "backups"), write branch-protection, ci`,
    ],
    [
      'a checklist that asks GitHub, and no GitHub',
      `${P}.checklist`,
      ['ci', 'backup'],
      'github: is missing, but the checklist of production wants ci, write { repository: owner/name }',
    ],
    [
      'a required check that is a number',
      'github',
      { repository: 'mobius/dhash', requiredChecks: [7] },
      'github.requiredChecks[0]: not the name of a check (got 7), write ci/premerge-validation, or { name: ci/premerge-validation, app: any }',
    ],
    [
      'an app by its title',
      'github',
      { repository: 'mobius/dhash', requiredChecks: [{ name: 'build', app: 'GitHub Actions' }] },
      'github.requiredChecks[0].app: not the slug of a GitHub app (got "GitHub Actions"), write github-actions, another slug, or any',
    ],
    [
      'a wait without a unit',
      'github',
      { repository: 'mobius/dhash', waitForChecks: 30 },
      'github.waitForChecks: not a duration with its unit',
    ],
    ['an unknown proxy', `${P}.proxy`, { haproxy: {} }, `${P}.proxy.haproxy: is not a key here, known are: listen, host, nginx`],
    ['a channel by its name', 'slack.channel', '#ops', 'slack.channel: not a Slack channel id (got "#ops")'],
    ['a person by name', 'people', { ops: ['@bob'] }, 'people.ops[0]: not a Slack user id or user group id (got "@bob")'],
    ['one person where a list belongs', 'people', { ops: 'U0BOB' }, 'people.ops: not a list (got "U0BOB"), write a list'],
    ['a group for a shell user', 'people', { shell: { root: 'S0OPS' } }, 'people.shell.root: not a Slack user id'],
    [
      'an escalation to nobody known',
      `${P}.escalation`,
      [{ to: 'boss', after: '0s' }],
      `${P}.escalation[0].to: not one of the known words (got "boss")`,
    ],
    [
      'an escalation out of order',
      `${P}.escalation`,
      [
        { to: 'oncall', after: '5m' },
        { to: 'deployLead', after: '1m' },
      ],
      `${P}.escalation: the times are not in order`,
    ],
    [
      'a watch address with a password',
      `${P}.monitor.health`,
      'http://a:bcdef@h/health',
      `${P}.monitor.health: not a web address without user and password (got something that looks like a secret)`,
    ],
    [
      'a secret handed to the service',
      `${P}.service.environment`,
      ['SLACK_BOT_TOKEN'],
      `${P}.service.environment[0]: not a variable the service may have`,
    ],
    ['a misspelt key', `${P}.proxi`, {}, `${P}.proxi: is not a key here, did you mean proxy?`],
    ['a misspelt section', 'poeple', {}, 'poeple: is not a key here, did you mean people?'],
    [
      'a secret by its name',
      'slack.signingSecret',
      'abc',
      'slack.signingSecret: is not a key here: secrets come from environment variables',
    ],
    ['a missing root', `${P}.root`, undefined, `${P}.root: is missing, write /srv/mobius-dhash`],
    ['a missing section', 'slack', undefined, 'slack: is missing, write a section with keys of its own'],
    ['a list for a section', 'slack', ['C0OPS'], 'slack: not a section with keys of its own (got ["C0OPS"])'],
    ['the root of the disk', `${P}.root`, '/', `${P}.root: not a path`],
  ])('names %s', async (_title, path, value, expected) => {
    const lines = await problems(withValue(path, value));
    expect(
      lines.filter((line) => line.startsWith(expected)),
      lines.join('\n'),
    ).toHaveLength(1);
  });

  test('tells all problems at once, each with its line, those across keys too', async () => {
    const file = minimal();
    file.service = 'a b';
    file.slack = { chanel: 'C0OPS' };
    Object.assign(file.environments['production'] ?? {}, { approvals: { required: 1, fromOps: 3 }, drian: '5s', proxy: { listen: 9101 } });
    const lines = await problems(stringify(file), { env: { PORT: 'http' } });
    expect(lines).toEqual([
      expect.stringMatching(/^service: .* \[line 1\]$/),
      expect.stringMatching(/^slack\.channel: is missing, .* \[line 3\]$/),
      expect.stringMatching(/^slack\.chanel: is not a key here, did you mean channel\? \[line 3\]$/),
      expect.stringMatching(/^environments\.production\.drian: is not a key here/),
      expect.stringMatching(/^environments\.production\.approvals\.fromOps: 3 people from ops .* \[line \d+\]$/),
      expect.stringMatching(/^environments: port 9101 is taken twice/),
      expect.stringMatching(/^PORT: cannot be used \(got "http"\), write 0 to 65535$/),
    ]);
  });

  test('wants a name that can be typed for each environment', async () => {
    const file = minimal();
    file.environments = { ...file.environments, 'Pre Prod': {} };
    expect(await problems(stringify(file))).toContainEqual(expect.stringMatching(/^environments\.Pre Prod: not an environment name/));
  });

  test('wants ports and roots of their own for each environment', async () => {
    const file = minimal();
    file.environments['staging'] = { ...file.environments['production'], proxy: { listen: 8081 } };
    const lines = await problems(stringify(file));
    expect(lines).toContainEqual(expect.stringMatching(/^environments: port 9101 is taken twice \(production blue and staging blue\)/));
    expect(lines).toContainEqual(expect.stringMatching(/^environments: two of them have the root \.\/srv/));
  });

  test('lets several environments share the public port of nginx', async () => {
    const file = minimal();
    const nginx = { listen: 80, nginx: { upstreamFile: './a.conf' } };
    file.environments['production'] = { ...file.environments['production'], proxy: nginx };
    file.environments['staging'] = {
      ...file.environments['production'],
      root: './staging',
      service: { start: ['x'], ports: { blue: 9201, green: 9202 } },
    };
    const { config } = await load(stringify(file));
    expect(Object.keys(config.environments)).toEqual(['production', 'staging']);
  });

  test.each([
    ['a broken line', 'service: [a', /^\/etc\/dhash\/dhash\.yml: line 1, column \d+: /],
    ['a key that stands twice', 'service: a\nservice: b\n', /line 2, column 1: this key stands here twice/],
    ['a tab for an indent', 'slack:\n\tchannel: C0OPS\n', /line 2, column 1: indent with spaces/],
    ['two documents', 'a: 1\n---\nb: 2\n', /a second document begins here/],
    ['an unknown tag', 'service: !!js/function x\n', /line 1, column 10/],
    ['an empty file', '# nothing yet\n', /is empty/],
    ['a list', '- a\n', /^the file: not a section with keys of its own/],
    ['a bomb of aliases', bomb(), /more than 100 uses of an alias/],
  ])('names the place of %s', async (_title, yml, expected) => {
    expect(await problems(yml)).toContainEqual(expect.stringMatching(expected));
  });

  test('finds tokens in the file, also in comments, and repeats none of them', async () => {
    const yml = `${stringify(minimal())}# xoxb-1234567890-abcdefghij\n# github_pat_0123456789abcdefghijkl\n# https://someone:hunter22@git.example/x\n`;
    const lines = await problems(yml);
    expect(lines).toEqual([
      expect.stringMatching(/^the file: holds what looks like a Slack token; .* \[line 16\]$/),
      expect.stringMatching(/^the file: holds what looks like a GitHub token; .* \[line 17\]$/),
      expect.stringMatching(/^the file: holds what looks like a password in an address; .* \[line 18\]$/),
    ]);
    expect(lines.join()).not.toMatch(/1234567890|0123456789|hunter22/);
  });

  test('does not show a token that stands where something else belongs', async () => {
    const lines = await problems(withValue('slack.channel', 'xoxb-1234567890-abcdefghij'));
    expect(lines.join()).not.toContain('1234567890');
  });

  test('says what to copy when there is no file', async () => {
    const { loadConfig } = await import('../../src/config/load.ts');
    const sources = { path: '/nowhere/dhash.yml', readText: async () => null, env: {}, isValidCron: () => true };
    await expect(loadConfig(sources)).rejects.toMatchObject({
      code: 'config-invalid',
      message: 'There is no configuration file /nowhere/dhash.yml',
      hint: expect.stringContaining('config/example.yml'),
    });
  });
});

describe('quality-gates.json', () => {
  test('is reported together with dhash.yml', async () => {
    const lines = await problems(withValue('service', 5), { gates: '{"quality_gates": {"performance": {"error_rate_max": 101}}}' });
    expect(lines).toContainEqual(expect.stringMatching(/^service: /));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^\/etc\/dhash\/quality-gates\.json: quality_gates\.performance\.error_rate_max: not a percentage \(got 101\), write 0 to 100 \[line 1\]$/,
      ),
    );
  });

  test.each([
    ['is missing', null, /^qualityGates: there is no file \/etc\/dhash\/quality-gates\.json/],
    ['is broken', '{"a":', /^\/etc\/dhash\/quality-gates\.json: line 1, column/],
    ['has a misspelt key', '{"quality_gate": {}}', /quality_gate: is not a key here, did you mean quality_gates\?/],
  ])('%s and the bot says so', async (_title, gates, expected) => {
    expect(await problems(stringify(minimal()), { gates })).toContainEqual(expect.stringMatching(expected));
  });
});

/** Nine lists, each of nine aliases of the one before. */
function bomb(): string {
  const lists = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`);
  return ['a0: &a0 [x]', ...lists].join('\n');
}
