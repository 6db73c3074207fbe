// `status --watch`: the status of one environment or of all, kept up to date until Ctrl-C.

import { EXIT, type ExitCode } from '../cli/exit.ts';
import { keepScreen, type Screenful } from '../cli/screen.ts';
import { environmentOf, isRefusal } from '../commands/environment.ts';
import { glance } from '../commands/glance.ts';
import { parseWords } from '../commands/words.ts';
import type { Environment } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import type { Instant } from '../core/time.ts';
import type { EnvironmentStatus } from '../core/wish.ts';
import { newsIn } from '../templates/home.ts';
import { glanceMessage } from '../templates/status.ts';
import { lineText, messageText } from '../templates/text.ts';
import { composeShell } from './shell.ts';
import { load, type ProgramOptions } from './verb.ts';

const USAGE = 'bin/dhash status [environment] --watch';

export async function watchStatus(options: ProgramOptions): Promise<ExitCode> {
  const words = parseWords(options.argv.slice(1), { watch: 'switch', env: 'value' }, USAGE, 1);
  if (isRefusal(words)) throw new BotError({ code: 'usage', message: words.message, hint: words.hint });
  const loaded = await load(options);
  const { config } = loaded;
  const name = words.flags['env'] ?? words.positionals[0];
  const wanted = name === undefined ? Object.values(config.environments) : [environmentOf({ config }, name)];
  const environments: Environment[] = [];
  for (const one of wanted) {
    if (isRefusal(one)) throw new BotError({ code: 'usage', message: one.message, hint: one.hint });
    environments.push(one);
  }
  const { opened, ports } = composeShell(options, loaded, null);
  const { store } = opened;
  try {
    await keepScreen({
      stdout: options.stdout ?? { write: (text) => options.output.line(text.replace(/\n$/, '')) },
      clock: ports.clock,
      onWrite: store.onWrite,
      signal: options.signal,
      look: async () => {
        const now = ports.clock.now();
        return pageOf(
          await Promise.all(environments.map((environment) => glance({ store, config, now, gauges: ports.gauges }, environment))),
          now,
        );
      },
    });
    return EXIT.done;
  } finally {
    opened.close();
  }
}

function pageOf(found: readonly EnvironmentStatus[], now: Instant): Screenful {
  const lines = found.flatMap((status) => {
    const message = glanceMessage(status);
    const next = message.footer.length === 0 ? [] : [`  ${lineText(message.footer).replaceAll('/dhash ', 'bin/dhash ')}`];
    return [...messageText(message, now), ...next, ''];
  });
  return { lines, news: newsIn(found) };
}
