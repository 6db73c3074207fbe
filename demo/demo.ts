// `bin/dhash demo`: the bot at work on a machine with nothing configured, for people or by itself.

import { PACES } from './config.ts';
import { type Played, play } from './play.ts';
import { createSlackDriver } from './slack-driver.ts';
import { type SetStage, type StageOptions, withStage } from './stage.ts';

/** The promise is three minutes, setting up and taking down included. */
const SCRIPT_MS = 165_000;

export interface DemoOptions extends Omit<StageOptions, 'pace'> {
  /** true = the story plays itself and ends; false = until the signal aborts. */
  readonly script: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when the story is over (or the signal aborted, for people); throws BotError with what was missed. */
export async function runDemo(options: DemoOptions): Promise<Played | null> {
  const { script, print, signal } = options;
  const pace = script ? PACES.script : PACES.people;
  return withStage({ ...options, pace }, async (stage) => {
    for (const line of invitation(stage, options.dir)) print(line);
    if (!script) return until(signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SCRIPT_MS)]);
    const played = await play({ ...stage, slack: createSlackDriver(stage.slack), print, signal: limit });
    print(`The whole story took ${(played.durationMs / 1_000).toFixed(0)} s.`);
    return played;
  });
}

function invitation({ slack, config, githubUrl, botUrl, botLog }: SetStage, dir: string): readonly string[] {
  return [
    '',
    `Slack        ${slack.url}   (channel #ops; choose at the top right whom you act as; everybody on your network can open it)`,
    `the service  ${config.publicUrl}/version   (v2.0.0 is live, ${config.pace.picturesPerSecond} pictures a second are posted to it)`,
    `GitHub       ${githubUrl === null ? 'none' : `${githubUrl}/repos/mobius/dhash/branches/main`}   (local, too: main is protected, its checks are green)`,
    `the bot      ${botUrl}/metrics   (its log: ${botLog})`,
    `files        ${dir}   (configuration, releases, backups, reports; they stay)`,
    '',
    'Try: as Ana, type       /dhash deploy v2.1.0',
    '     as Bob and Olga    press Approve',
    '     then the same with v2.2.0, which gets slow and fails after a minute; press Rollback now',
    '     also: v2.0.1 never becomes ready, v2.1.1 exits at start; /dhash help, /dhash status',
    '',
  ];
}

function until(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    // Nothing else may be left that keeps Node running.
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve(null);
    });
  });
}
