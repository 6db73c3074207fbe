// `bin/dhash premerge`: puts the ports of a run together, in a scratch place of its own. It opens no database and touches nothing that is live.

import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { PremergeReport } from '../checks/premerge-report.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { isRefusal } from '../commands/environment.ts';
import { parseWords } from '../commands/words.ts';
import type { Loaded } from '../config/load.ts';
import { secretValues } from '../config/notify-secrets.ts';
import type { Argv, Environment } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import { createBackups } from '../host/backup/backups.ts';
import { createClock } from '../host/clock.ts';
import { createCommands } from '../host/commands/commands.ts';
import { createFiles } from '../host/files.ts';
import { createGauges } from '../host/gauges.ts';
import { createHttp } from '../host/http.ts';
import { createLog } from '../host/log.ts';
import { createMedia } from '../host/media/media.ts';
import { createRedactor } from '../host/redact.ts';
import { createReleases } from '../host/releases/releases.ts';
import { createSlots } from '../host/slots/slots.ts';
import { type Left, openWorkplace, type Workplace } from '../host/workplace.ts';
import { REPORT, SERVICE_LOG } from '../premerge/artifacts.ts';
import { PREMERGE } from '../premerge/premerge.ts';
import { runPremerge } from '../premerge/run.ts';
import { SLOT } from '../premerge/stages/scratch-slot.ts';
import { load, type ProgramOptions, type RunVerb } from './verb.ts';

export const premerge: RunVerb = async (options, words) => {
  const folder = folderOf(words);
  const loaded = await load(options);
  const artifacts = loaded.settings.artifactDir ?? join(folder, 'premerge_artifacts');
  const place = await openWorkplace(artifacts);
  try {
    return await carry(options, loaded, { folder, artifacts, place });
  } finally {
    await place.close();
  }
};

interface Where {
  readonly folder: string;
  readonly artifacts: string;
  readonly place: Workplace;
}

async function carry(options: ProgramOptions, loaded: Loaded, { folder, artifacts, place }: Where): Promise<ExitCode> {
  const { config, settings } = loaded;
  const { env, signal } = options;
  const output = options.argv.includes('--json') ? { ...options.output, line: () => {} } : options.output;
  const declared = config.environments[config.premerge.environment];
  if (declared === undefined)
    throw new BotError({ code: 'config-invalid', message: `there is no environment "${config.premerge.environment}"`, hint: null });
  const key = `premerge-${createHash('sha256').update(artifacts).digest('hex').slice(0, 12)}`;
  const { ports, endLeft } = composePremerge(options, loaded, place.scratch);
  if (place.left !== null) {
    output.line(`A run here was killed before its end: what it left in ${place.left.scratch} is ended and removed.`);
    await endLeft(place.left, declared, key);
  }
  await place.forget();
  const environment = moved(declared, config.premerge.start, { scratch: place.scratch, ...place.ports });
  const variables = Object.fromEntries(
    config.premerge.variables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']])),
  );
  output.line(`Pre-merge run in ${folder}; artifacts in ${artifacts}`);
  const report = await runPremerge({
    config,
    environment,
    folder,
    artifacts,
    scratch: place.scratch,
    ports,
    variables,
    releaseTag: settings.releaseTag,
    signal,
    key,
    stages: PREMERGE,
    print: output.line,
  });
  await place.keep(join(place.scratch, 'data', 'logs', `${environment.name}-${SLOT}.log`), join(artifacts, SERVICE_LOG));
  return conclude(options, report, join(artifacts, REPORT));
}

const WORDS = { unfinished: 'NOT FINISHED', passed: 'PASSED', 'passed-with-skips': 'PASSED, with skips', failed: 'FAILED' } as const;

function conclude({ output, argv }: ProgramOptions, report: PremergeReport, path: string): ExitCode {
  const good = report.verdict === 'passed' || report.verdict === 'passed-with-skips';
  if (argv.includes('--json')) {
    output.line(JSON.stringify(report));
    return good ? EXIT.done : EXIT.failed;
  }
  (good ? output.line : output.trouble)(`${WORDS[report.verdict]}: ${report.why}`);
  if (good && report.dirty === true) output.line('It certifies no deploy: the tree has changes that are not in the commit.');
  output.line(`Report: ${path}`);
  return good ? EXIT.done : EXIT.failed;
}

function composePremerge({ env, stderr }: ProgramOptions, { config, secrets }: Loaded, scratch: string) {
  const dataDir = join(scratch, 'data');
  const redact = createRedactor(secretValues(secrets));
  const log = createLog({ level: 'error', redact, destination: { write: (line: string) => void stderr.write(line) } });
  const clock = createClock();
  const http = createHttp();
  const commandsIn = (data: string) => createCommands({ runDir: join(data, 'run', 'commands'), env, redact });
  const slotsIn = (data: string) => createSlots({ dataDir: data, env, redact, clock, http, run: commandsIn(data).run });
  const commands = commandsIn(dataDir);
  const ports = {
    clock,
    http,
    commands,
    releases: createReleases({ commands, clock, onUnlinked: () => {} }),
    slots: slotsIn(dataDir),
    backups: createBackups({ freeBytes: createGauges().freeBytes, log }),
    files: createFiles({ dataDir, redact, log }),
    media: createMedia({ env }),
  };
  /** Ends the service and the commands that a killed run left running. */
  const endLeft = async (left: Left, declared: Environment, key: string): Promise<void> => {
    const data = join(left.scratch, 'data');
    await commandsIn(data).fence(key);
    const environment = moved(declared, config.premerge.start, left);
    if (environment.service.start.kind === 'process') await slotsIn(data).stop(environment, SLOT);
  };
  return { ports, endLeft };
}

/** The same service, build and smoke tests, far from what is live: another root, other ports. */
function moved(declared: Environment, own: Argv | null, { scratch, blue, green }: Left): Environment {
  const { service } = declared;
  const start = own === null ? service.start : { kind: 'process' as const, argv: own };
  return { ...declared, root: join(scratch, 'root'), service: { ...service, start, ports: { blue, green } } };
}

function folderOf(words: readonly string[]): string {
  const parsed = parseWords(
    words.filter((word) => word !== '--json'),
    {},
    'bin/dhash premerge [folder]',
    1,
  );
  if (isRefusal(parsed)) throw new BotError({ code: 'usage', message: parsed.message, hint: parsed.hint });
  return resolve(parsed.positionals[0] ?? '.');
}
