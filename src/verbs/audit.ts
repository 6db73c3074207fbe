import { EXIT } from '../cli/exit.ts';
import { composeShell } from './shell.ts';
import { load, type RunVerb, usage } from './verb.ts';

export const audit: RunVerb = async (options, words) => {
  const [verb] = words;
  if (words.length !== 1 || (verb !== 'verify' && verb !== 'export')) throw usage('bin/dhash audit verify|export');
  const composed = composeShell(options, await load(options), null);
  try {
    if (verb === 'export') {
      for (const line of composed.opened.audit.exportEvents()) options.output.line(line);
      return EXIT.done;
    }
    const { count, broken, head } = await composed.opened.audit.verifyChain();
    if (broken === null)
      options.output.line(`The chain holds: ${count} events, newest ${head === null ? 'none' : `${head.seq} ${head.hash}`}.`);
    else options.output.trouble(`The chain is broken at event ${broken.seq}: ${broken.why}. ${count} events before it hold.`);
    return broken === null ? EXIT.done : EXIT.failed;
  } finally {
    composed.opened.close();
  }
};
