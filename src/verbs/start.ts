import { EXIT } from '../cli/exit.ts';
import { asBotError } from '../core/error.ts';
import { parseRole, start } from '../start.ts';
import { flagsOf, load, type RunVerb } from './verb.ts';

export const runBot: RunVerb = async (options, words) => {
  const flags = flagsOf(words, { role: 'value' }, 'bin/dhash start [--role bot|worker|all]');
  const role = parseRole(typeof flags['role'] === 'string' ? flags['role'] : 'all');
  const logTo = { write: (line: string) => void options.stderr.write(line) };
  const running = await start({ loaded: await load(options), role, env: options.env, logTo });
  options.onUnhandled((thrown) => options.output.trouble(`dhash: ${asBotError(thrown).message}`));
  if (running.port !== null) options.output.line(`dhash is up (${role}); /healthz on port ${running.port}`);
  else options.output.line(`dhash is up (${role})`);
  await aborted(options.signal);
  await running.stop();
  return EXIT.done;
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
