import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { judgePerformance } from '../../src/checks/performance.ts';
import { runChecklist } from '../../src/checks/registry.ts';
import { hinders, isPass, pass, tally } from '../../src/core/check.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import type { HttpAnswer } from '../../src/core/ports.ts';
import { watchPhases } from '../../src/host/http-phases.ts';
import { answer, checkPorts, declared, http, NOW, refused } from './support.ts';

const url = 'http://127.0.0.1:8080/health';
const phases = { dnsMs: null, connectMs: 0.4, tlsMs: null, firstByteMs: 180 };
const took = (ms: number, more: Partial<HttpAnswer> = {}) => ({ ...answer('ok'), ms, phases, ...more }) as HttpAnswer;

test.each<[string, HttpAnswer, string, string, string?]>([
  ['passes under the limit', took(181), 'pass', 'connect 0.4 ms, first byte 180 ms, total 181 ms (limit 200 ms)'],
  ['passes on the limit', took(200), 'pass', 'total 200 ms'],
  [
    'fails over it, and says where to look',
    took(201),
    'fail',
    'took more than 200 ms: connect 0.4 ms, first byte 180 ms',
    'the service itself is slow',
  ],
  ['finds a slow resolver', took(300, { phases: { ...phases, dnsMs: 250 } }), 'fail', 'DNS 250 ms', 'looking up the name'],
  ['finds a slow handshake', took(300, { phases: { ...phases, tlsMs: 250 } }), 'fail', 'TLS 250 ms', 'Most of it is TLS'],
  ['fails an answer that is none', answer('no', 503), 'fail', 'answered 503'],
  ['fails when nobody listens', refused, 'fail', 'gave no answer: ECONNREFUSED'],
  ['fails a time that is no number', took(Number.NaN), 'fail', 'took more than 200 ms'],
  ['judges the total where a port tells no phases', answer('ok'), 'pass', 'total 12 ms'],
])('%s', (_title, given, kind, detail, hint) => {
  const result = judgePerformance({ url, answer: given, performance: { responseTimeMax: 200 } });
  expect(result).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  if (hint !== undefined) expect(result).toMatchObject({ hint: expect.stringContaining(hint) });
});

async function asked(live: Deployment | null) {
  const { config, environment } = await declared('people', { reviewers: ['U0BOB'] });
  const ports = checkPorts({ http: http({ '/health': answer('ok') }) });
  const request = { tag: 'v2.1.0', commit: 'a'.repeat(40) };
  const store = { backups: async () => [], liveDeployment: async () => live };
  const [evidence] = await runChecklist({ environment, config, store, ports, now: NOW, request }, ['performance']);
  if (evidence === undefined) throw new Error('not asked');
  return evidence;
}

test('asks what the watch asks', async () => {
  expect(await asked({ tag: 'v2.0.0' } as Deployment)).toMatchObject({ result: { kind: 'pass' }, at: NOW });
});

test('does not apply to the first deploy, which it neither passes nor keeps from going on', async () => {
  const evidence = await asked(null);
  expect(evidence).toMatchObject({ result: { kind: 'skip', detail: expect.stringContaining('nothing was deployed here yet') } });
  expect({ isPass: isPass(evidence), hinders: hinders(evidence) }).toEqual({ isPass: false, hinders: false });
  expect(tally([evidence, { ...evidence, result: pass('fine') }])).toBe('1 of 2 pass, 1 does not apply');
});

test('phases are what passed between the events of the socket', () => {
  let clock = 0;
  const request = new EventEmitter();
  const socket = new EventEmitter();
  const watch = watchPhases(request, () => clock);
  request.emit('socket', socket);
  for (const [at, event] of [
    [5, 'lookup'],
    [7, 'connect'],
    [27, 'secureConnect'],
  ] as const) {
    clock = at;
    socket.emit(event);
  }
  expect(watch.read()).toEqual({ dnsMs: 5, connectMs: 2, tlsMs: 20, firstByteMs: null });
  clock = 127.26;
  watch.answered();
  expect(watch.read().firstByteMs).toBe(100.3);
});
