import type { Argv } from '../../core/config.ts';
import { asBotError } from '../../core/error.ts';
import { say } from '../command.ts';
import type { PremergeContext, Stage } from '../stage.ts';

interface Tool {
  readonly name: string;
  readonly argv: Argv;
  /** Without it nothing here can be run. */
  readonly wanted: boolean;
}

const TOOLS: readonly Tool[] = [
  { name: 'git', argv: ['git', '--version'], wanted: true },
  { name: 'node', argv: ['node', '--version'], wanted: true },
  { name: 'npm', argv: ['npm', '--version'], wanted: true },
  { name: 'ffmpeg', argv: ['ffmpeg', '-version'], wanted: false },
];

/** With what everything below is done: the first question when two machines disagree. */
export const tools: Stage = {
  name: 'tools',
  title: 'Versions of the tools',
  needs: [],
  run: async (context) => {
    const said: string[] = [];
    for (const { name, argv, wanted } of TOOLS) {
      const version = await versionOf(context, argv);
      if (version === null && wanted) {
        const hint = `Install it, or look at the PATH: command -v ${name}`;
        return { kind: 'failed', evidence: `${name} is not installed, or not on the PATH`, hint };
      }
      said.push(version === null ? `${name}: none on the PATH` : `${name} ${version}`);
    }
    return { kind: 'passed', evidence: said.join(', ') };
  },
};

/** null = the program is not there. */
async function versionOf(context: PremergeContext, argv: Argv): Promise<string | null> {
  const lines: string[] = [];
  try {
    await say(context, argv, { onLine: (line) => lines.push(line) });
  } catch (thrown) {
    if (asBotError(thrown).code !== 'command-not-found') throw thrown;
    return null;
  }
  return /\d+(?:\.\d+)+[\w.-]*/.exec(lines[0] ?? '')?.[0] ?? 'of unknown version';
}
