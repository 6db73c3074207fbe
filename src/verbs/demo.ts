import { join, resolve } from 'node:path';
import { EXIT } from '../cli/exit.ts';
import { ownProcess } from '../host/processes.ts';
import { flagsOf, type RunVerb } from './verb.ts';

const DEMO_SLACK_PORT = 3100;

export const runDemoVerb: RunVerb = async (options, words) => {
  const flags = flagsOf(words, { script: 'switch' }, 'bin/dhash demo [--script]');
  // Loaded only here: the program must not need the demo.
  const { runDemo } = await import('../../demo/demo.ts');
  const { projectDir, env, output, signal } = options;
  const script = flags['script'] === true;
  // A folder of its own for the script, so that each run tells the story from its beginning.
  const dir = resolve(script ? join('demo-data', `script-${ownProcess().pid}`) : 'demo-data/people');
  await runDemo({
    script,
    dir,
    dhash: [join(projectDir, 'bin', 'dhash')],
    env,
    slackPort: script ? 0 : DEMO_SLACK_PORT,
    print: output.line,
    signal,
  });
  return EXIT.done;
};
