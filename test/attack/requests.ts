// Generated HTTP requests to the bot's Slack endpoint that must have no effect, by family. The same ones each time.

import { connect } from 'node:net';
import { sign } from '../../src/slack/signature.ts';
import { buttonClick, formBody, rejectSubmission, SIGNING_SECRET, slashCommand } from '../support/slack/sender.ts';
import { dice } from './dice.ts';

export interface Attack {
  readonly family: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const FORM = 'application/x-www-form-urlencoded';
const WISHES = [
  'deploy v2.1.0',
  'rollback production --emergency',
  'approve d-0001',
  'cancel',
  'lock production mine',
  'unlock',
  'backup create',
];
const VALUE = { request: 'd-0001', expect: null, environment: 'production' };

type Roll = ReturnType<typeof dice>;

/** `now`: the bot's own time. */
export function attacks(count: number, now: number, seed = 11): readonly Attack[] {
  const roll = dice(seed);
  const families = Object.entries(FAMILIES);
  return Array.from({ length: count }, (_, index) => {
    const [family, make] = families[index % families.length] ?? ['forged', forged];
    return { family, method: 'POST', path: '/slack/events', ...make(roll, Math.floor(now / 1_000)) };
  });
}

type Made = Pick<Attack, 'headers' | 'body'> & Partial<Attack>;

const FAMILIES: Readonly<Record<string, (roll: Roll, nowS: number) => Made>> = {
  forged,
  stale: (roll, nowS) => signed(wish(roll), nowS - 301 - roll.below(1_000_000)),
  future: (roll, nowS) => signed(wish(roll), nowS + 302 + roll.below(1_000_000)),
  'odd timestamp': (roll, nowS) =>
    signed(
      wish(roll),
      roll.pick([
        `${nowS}.0`,
        `0${nowS}`,
        `${nowS}0`,
        `-${nowS}`,
        '1e10',
        ' ',
        'NaN',
        `0x${nowS.toString(16)}`,
        '\u00b2\u00b3\u00b2\u00b3\u00b2\u00b3\u00b2\u00b3\u00b2\u00b3',
      ]),
    ),
  tampered: (roll, nowS) => {
    const genuine = signed(wish(roll), nowS);
    return { ...genuine, body: `${genuine.body}&text=rollback+production` };
  },
  'foreign team': (roll, nowS) => signed(wish(roll, { team_id: roll.pick(['T0OTHER', '', 'T0TEAM ', 't0team', 'T0TEAMX']) }), nowS),
  'foreign app': (roll, nowS) => signed(wish(roll, { api_app_id: roll.pick(['A0OTHER', '', 'a0app', 'A0APP2']) }), nowS),
  'foreign channel': (roll, nowS) => signed(wish(roll, { channel_id: roll.pick(['C0OTHER', 'D0ALICE', 'G0PRIVATE']) }), nowS),
  stranger: (roll, nowS) => signed(wish(roll, { user_id: roll.pick(['U0STRANGER', 'W0GUEST', 'UBOB', 'U0BOB0']), user_name: 'bob' }), nowS),
  smuggled: (roll) => ({ headers: { 'content-type': FORM }, body: `ssl_check=1&${formBody(wish(roll))}` }),
  malformed: (roll, nowS) => signedBody(roll.pick(MALFORMED)(roll), nowS),
  misfit: (roll, nowS) => signedBody(`payload=${encodeURIComponent(JSON.stringify(roll.pick(MISFITS)(roll)))}`, nowS),
  'content type': (roll, nowS) => {
    const type = roll.pick([
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/xml',
      '',
      'application/json;charset=utf-7,text/html',
    ]);
    const genuine = signed(wish(roll), nowS);
    return { ...genuine, headers: { ...genuine.headers, 'content-type': type } };
  },
  method: (roll, nowS) => ({ ...signed(wish(roll), nowS), method: roll.pick(['PUT', 'PATCH', 'DELETE', 'OPTIONS']) }),
  path: (roll, nowS) => ({
    ...signed(wish(roll), nowS),
    path: roll.pick(['/', '/slack/events/', '/slack', '//slack/events', '/slack/events%2f', '/reports/../slack/events/x']),
  }),
};

function forged(roll: Roll, nowS: number): Made {
  const body = formBody(wish(roll));
  const signature = roll.pick([
    () => sign(roll.text(32), String(nowS), body),
    () => sign('', String(nowS), body),
    () => sign(SIGNING_SECRET.toUpperCase(), String(nowS), body),
    () => sign(SIGNING_SECRET, String(nowS - 1), body),
    () => sign(SIGNING_SECRET, String(nowS), body).replace('v0', 'v1'),
    () => sign(SIGNING_SECRET, String(nowS), body).toUpperCase(),
    () => sign(SIGNING_SECRET, String(nowS), body).slice(0, -1),
    () => `${sign(SIGNING_SECRET, String(nowS), body)}0`,
    () => `v0=${'0'.repeat(64)}`,
    () => '',
  ])();
  return { headers: { 'content-type': FORM, 'x-slack-request-timestamp': String(nowS), 'x-slack-signature': signature }, body };
}

/** Signed as Slack would, but nothing that a bot can use. */
const MALFORMED: readonly ((roll: Roll) => string)[] = [
  () => '',
  () => 'payload=',
  () => 'payload=%7Bbroken',
  () => 'payload=%7B%7D&payload=%7B%7D',
  () => 'payload=null',
  () => 'payload=%5B%5D',
  () => 'payload=42',
  (roll) => `payload=${encodeURIComponent('['.repeat(10_000 + roll.below(10_000)))}`,
  (roll) => `payload=${encodeURIComponent(`{"a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)},"n":${roll.below(9)}}`)}`,
  () => 'payload=%FF%FE%00',
  (roll) => `${'&'.repeat(1_000 + roll.below(1_000))}payload`,
  (roll) => `text=${'x'.repeat(roll.below(1_000_000))}`,
  () => '__proto__[team_id]=T0TEAM&constructor=x',
];

/** From the right team and app, but not of the shape that Slack's documents show. */
const MISFITS: readonly ((roll: Roll) => object)[] = [
  () => buttonClick('approve', VALUE, { user: null }),
  (roll) => buttonClick('approve', VALUE, { user: { id: roll.pick(['', 'bob', 'U0BOB\n', '<@U0BOB>', 'u0bob', { id: 'U0BOB' }]) } }),
  () => buttonClick('approve', VALUE, { channel: null, container: null }),
  () => buttonClick('explode', VALUE),
  () => buttonClick('approve:rollback', VALUE),
  (roll) =>
    buttonClick('approve', roll.pick(['', '{', 'null', '[]', '"d-0001"', JSON.stringify({ ...VALUE, request: 7 }), 'x'.repeat(2_001)])),
  () => buttonClick('approve', { __proto__: VALUE }),
  () => rejectSubmission({}, 'no'),
  () => rejectSubmission({ ...VALUE, channel: 'C0OPS' }, 'no', { view: { callback_id: 'dhash:reject' } }),
  () => rejectSubmission({ ...VALUE, channel: 'C0OPS' }, 'no', { view: { callback_id: 'dhash:deploy', private_metadata: '{}' } }),
];

/** What no listener takes. Bolt says so after three seconds. */
export function unheard(count: number, now: number): readonly Attack[] {
  const kinds = ['shortcut', 'message_action', 'block_suggestion', 'workflow_step_edit', 'view_closed'];
  const ours = { team: { id: 'T0TEAM' }, api_app_id: 'A0APP', user: { id: 'U0BOB' }, callback_id: 'deploy' };
  const payloads = [
    ...kinds.map((type) => ({ ...ours, type })),
    { ...ours, type: 'block_actions' },
    ...[[], null].map((actions) => buttonClick('approve', VALUE, { actions })),
  ];
  return Array.from({ length: count }, (_, index) => {
    const made = signedBody(`payload=${encodeURIComponent(JSON.stringify(payloads[index % payloads.length]))}`, Math.floor(now / 1_000));
    return { family: 'unheard', method: 'POST', path: '/slack/events', ...made };
  });
}

function wish(roll: Roll, over: Record<string, string> = {}): Record<string, string> {
  return slashCommand({ text: roll.pick(WISHES), user_id: 'U0BOB', user_name: 'bob', ...over });
}

function signed(payload: Record<string, unknown>, timestamp: number | string): Made {
  return signedBody(formBody(payload), timestamp);
}

function signedBody(body: string, timestamp: number | string): Made {
  const stamp = String(timestamp);
  return {
    headers: { 'content-type': FORM, 'x-slack-request-timestamp': stamp, 'x-slack-signature': sign(SIGNING_SECRET, stamp, body) },
    body,
  };
}

/** Bytes on a bare connection; resolves with what came back until it was closed, or after `ms`. */
export function raw(port: number, chunks: readonly (string | Buffer)[], ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (data) => (heard += String(data)));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
    for (const chunk of chunks) socket.write(chunk);
  });
}
