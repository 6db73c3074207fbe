import { expect, test } from 'vitest';
import { runProgram } from '../../src/program.ts';

const GOOD = '[Parsed_ebur128_0 @ 0x1] Summary:\n  Integrated loudness:\n    I: -16.0 LUFS\n  True peak:\n    Peak: -2.0 dBFS\n';
const FILES: Readonly<Record<string, string>> = {
  '/logs/good.txt': GOOD,
  '/logs/loud.txt': GOOD.replace('-16.0', '-3.0'),
  '/logs/cut.txt': 'frame= 1\n',
  '/logs/probe.json': JSON.stringify({ streams: [{ codec_type: 'video', codec_name: 'h264', pix_fmt: 'yuv420p' }] }),
};

async function said(...argv: string[]) {
  const lines: string[] = [];
  const trouble: string[] = [];
  const exit = await runProgram({
    argv,
    env: {},
    user: 'nobody',
    projectDir: '/nowhere',
    readText: async (path) => FILES[path] ?? null,
    output: { line: (text) => lines.push(text), trouble: (text) => trouble.push(text), current: () => {} },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    onUnhandled: () => {},
  });
  return { exit, lines, trouble };
}

test('passes a good log, and says the numbers', async () => {
  expect(await said('check', 'audio', '/logs/good.txt')).toEqual({
    exit: 0,
    lines: [
      'PASS    audio_lufs: integrated loudness -16.0 LUFS, between -32 and -5 LUFS',
      'PASS    audio_peak: true peak -2.0 dBTP, at most -1.0 dBTP',
    ],
    trouble: [],
  });
});

test('fails a loud one, a container without audio, and a log without a measurement, each in its own words', async () => {
  const loud = await said('check', 'audio', '/logs/loud.txt');
  expect([loud.exit, loud.trouble[0]]).toEqual([1, 'FAIL    audio_lufs: integrated loudness -3.0 LUFS, louder than -5 LUFS']);
  const mute = await said('check', 'container', '/logs/probe.json');
  expect([mute.exit, mute.trouble[0]]).toEqual([1, 'FAIL    container_audio: there is no audio stream']);
  const cut = await said('check', 'audio', '/logs/cut.txt');
  expect([cut.exit, cut.trouble[0]]).toEqual([1, 'ERROR   audio_measured: there is no ebur128 summary in the log']);
});

test('--json prints one line of JSON', async () => {
  const { exit, lines } = await said('check', 'audio', '/logs/loud.txt', '--json');
  expect([exit, lines.length]).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ passed: false, findings: [{ check: 'audio_lufs', result: { kind: 'fail' } }, {}] });
});

test.each([[['check']], [['check', 'audio']], [['check', 'video', '/logs/good.txt']], [['check', 'audio', '/logs/none.txt']]])(
  'exits 2 when it cannot begin: %j',
  async (argv) => {
    expect((await said(...argv)).exit).toBe(2);
  },
);
