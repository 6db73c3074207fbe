import { expect, test } from 'vitest';
import { createRedactor } from '../../src/host/redact.ts';

// Put together here, so that no scanner takes a fixture for a leak.
const FAKE = {
  bot: ['xoxb', '123456789012', 'abcdefABCDEF'].join('-'),
  app: ['xapp', '1', 'A0123', 'abcdef0123456789'].join('-'),
  github: `ghp_${'a1B2'.repeat(9)}`,
  finegrained: `github_pat_${'a1B2_'.repeat(9)}`,
};
const redact = createRedactor(['hunter2!', 'a b/c', 'line-one\nline-two', '', 'abc']);

test.for([
  ['the password is hunter2! today', 'the password is [redacted] today'],
  ['GET /?q=hunter2!&x=a%20b%2Fc', 'GET /?q=[redacted]&x=[redacted]'],
  ['only line-two of it', 'only [redacted] of it'],
  ['abc is too short to be hidden', 'abc is too short to be hidden'],
  [`token ${FAKE.bot} is bad`, 'token [redacted] is bad'],
  [`(${FAKE.app})`, '([redacted])'],
  [`https://x-access-token:${FAKE.github}@github.com/a/b.git`, 'https://[redacted]@github.com/a/b.git'],
  [`remote: ${FAKE.finegrained}`, 'remote: [redacted]'],
  ['POST https://hooks.slack.com/services/T0/B0/abcd failed', 'POST https://hooks.slack.com/services/[redacted] failed'],
  ['authorization: Bearer abc.def', 'authorization: [redacted]'],
  ['Authorization: Basic dXNlcjpwdw==', 'Authorization: [redacted]'],
  ['{"authorization":"token abcdef","b":1}', '{"authorization":"[redacted]","b":1}'],
  ['curl -H "Bearer abcdefghijk"', 'curl -H "Bearer [redacted]"'],
  ['postgres://app:s3cret@db:5432/x', 'postgres://[redacted]@db:5432/x'],
  ['redis://:s3cret@cache:6379', 'redis://[redacted]@cache:6379'],
  ['https://sometoken@example.com/x', 'https://[redacted]@example.com/x'],
  ['ssh://git@example.com/x.git stays', 'ssh://git@example.com/x.git stays'],
  ['DB_PASSWORD=geheim PORT=80', 'DB_PASSWORD=[redacted] PORT=80'],
  ['export API_KEY="with blank" x', 'export API_KEY=[redacted] x'],
  ['aws_secret_access_key=abc/def', 'aws_secret_access_key=[redacted]'],
  ['?access_token=abc&page=2', '?access_token=[redacted]&page=2'],
  ['{"password": "geheim", "user": "ada"}', '{"password": "[redacted]", "user": "ada"}'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nafter', '[redacted]\nafter'],
  ['SyntaxError: Unexpected token = in line 3', 'SyntaxError: Unexpected token = in line 3'],
  ['v2.1.0 answered in 12 ms: http://127.0.0.1:8080/health', 'v2.1.0 answered in 12 ms: http://127.0.0.1:8080/health'],
  ['commit 0123456789abcdef0123456789abcdef01234567', 'commit 0123456789abcdef0123456789abcdef01234567'],
] as const)('%j becomes %j', ([text, clean]) => {
  expect(redact(text)).toBe(clean);
  expect(redact(clean)).toBe(clean);
});

test('hides the longer of two secrets as a whole', () => {
  expect(createRedactor(['secret', 'secret-and-more'])('a secret-and-more b')).toBe('a [redacted] b');
});

test.for(['TOKEN', '://', 'authorization: ', 'a-', 'xoxb-', '"password":"', '://a:b', '-----BEGIN PRIVATE KEY-----', 'Bearer '])(
  'stays quick on a long line of %j',
  (piece) => {
    const line = piece.repeat(Math.ceil(16_384 / piece.length));
    const startedAt = performance.now();
    redact(line);
    expect(performance.now() - startedAt).toBeLessThan(250);
  },
);
