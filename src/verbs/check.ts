// `check audio FILE` and `check container FILE`: a log judged as it lies there, without a configuration.

import { resolve } from 'node:path';
import { type Finding, judgeAudioLog, judgeContainerJson } from '../checks/compliance.ts';
import { EXIT } from '../cli/exit.ts';
import { isRefusal } from '../commands/environment.ts';
import { parseWords } from '../commands/words.ts';
import { BotError } from '../core/error.ts';
import { type ProgramOptions, type RunVerb, usage } from './verb.ts';

const LINE = 'bin/dhash check audio|container FILE [--json]';

/** 0 when everything passes, else 1, also for what could not be measured; 2 without a readable file. */
export const checkFile: RunVerb = async (options, words) => {
  const parsed = parseWords(words, { json: 'switch' }, LINE, 2);
  if (isRefusal(parsed)) throw new BotError({ code: 'usage', message: parsed.message, hint: parsed.hint });
  const [what, file] = parsed.positionals;
  if (file === undefined || (what !== 'audio' && what !== 'container')) throw usage(LINE);
  const text = await read(options, file);
  const findings = what === 'audio' ? judgeAudioLog(text) : judgeContainerJson(text);
  const passed = findings.every(({ result }) => result.kind === 'pass');
  if (parsed.flags['json'] === true) options.output.line(JSON.stringify({ file, passed, findings }));
  else tell(options, findings);
  return passed ? EXIT.done : EXIT.failed;
};

async function read({ readText }: ProgramOptions, file: string): Promise<string> {
  const path = resolve(file);
  const no = (why: string, cause?: unknown) =>
    new BotError({ code: 'usage', message: `${path} cannot be read: ${why}`, hint: `Write: ${LINE}`, cause });
  let text: string | null;
  try {
    text = await readText(path);
  } catch (cause) {
    throw no(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (text === null) throw no('there is no such file');
  return text;
}

function tell({ output }: ProgramOptions, findings: readonly Finding[]): void {
  for (const { check, result } of findings) {
    const line = `${result.kind.toUpperCase().padEnd(7)} ${check}: ${result.detail}`;
    if (result.kind === 'pass') output.line(line);
    else output.trouble(line);
    if (result.kind !== 'pass' && result.hint !== null) output.trouble(`        ${result.hint}`);
  }
}
