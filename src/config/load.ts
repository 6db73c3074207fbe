// dhash.yml, quality-gates.json and the environment variables, read once at the start; everything wrong with them is told at once.

import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { Config, QualityGates } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import type { Files } from '../core/ports.ts';
import { buildConfig } from './build.ts';
import { gatesFile, toGates } from './gates.ts';
import { configInvalid, type Locate, type Problem, problemsOf } from './problems.ts';
import { sectionAt } from './rules.ts';
import { configFile } from './schema.ts';
import { type Secrets, secretLines } from './secrets.ts';
import { readVariables, type Settings, type Variables } from './variables.ts';
import { parseYaml } from './yaml.ts';

export interface Loaded {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly settings: Settings;
}

export interface ConfigSources {
  /** dhash.yml; relative to the working folder when not absolute. */
  readonly path: string;
  readonly readText: Files['read'];
  readonly env: Variables;
  /** Whether the scheduler takes this cron expression. */
  readonly isValidCron: (expression: string) => boolean;
}

/** Throws BotError `config-invalid`, its message listing every problem. */
export async function loadConfig({ path, readText, env, isValidCron }: ConfigSources): Promise<Loaded> {
  const source = await readText(path);
  if (source === null) throw fileMissing(path);
  const variables = readVariables(env);
  const leaked = secretLines(source).map(secretProblem);
  const parsed = parseYaml(source, path);
  if (parsed.kind === 'broken') throw configInvalid(path, [...parsed.problems, ...leaked, ...variables.problems]);

  const { data, locate } = parsed;
  const read = configFile.safeParse(data, { reportInput: true });
  const gates = await loadGates(resolve(dirname(path), gatesPath(data)), readText);
  const problems = [
    ...issuesOf(read, configFile, locate),
    ...cronProblems(data, isValidCron, locate),
    ...leaked,
    ...gates.problems,
    ...variables.problems,
  ];
  if (problems.length > 0 || !read.success || gates.value === null) throw configInvalid(path, problems);
  const config = buildConfig({ file: read.data, gates: gates.value, overrides: variables.overrides, path });
  return { config, secrets: variables.secrets, settings: variables.settings };
}

/** Only quality-gates.json; what is wrong with it is told, not thrown. */
export async function loadGates(
  path: string,
  readText: Files['read'],
): Promise<{ readonly value: QualityGates | null; readonly problems: readonly Problem[] }> {
  const source = await readText(path);
  if (source === null) {
    return {
      value: null,
      problems: [{ path: 'qualityGates', message: `there is no file ${path}, write where quality-gates.json is`, line: null }],
    };
  }
  // JSON is YAML: one parser, and a slip is told with its line.
  const parsed = parseYaml(source, path);
  if (parsed.kind === 'broken') return { value: null, problems: parsed.problems };
  const read = gatesFile.safeParse(parsed.data, { reportInput: true });
  if (read.success) return { value: toGates(read.data), problems: [] };
  const problems = issuesOf(read, gatesFile, parsed.locate).map((problem) => ({ ...problem, path: `${path}: ${problem.path}` }));
  return { value: null, problems };
}

function issuesOf(read: z.ZodSafeParseResult<unknown>, schema: z.core.$ZodType, locate: Locate): readonly Problem[] {
  return read.success ? [] : problemsOf(read.error.issues, schema, locate);
}

/** Where the quality gates are, even while other keys are wrong. */
function gatesPath(data: unknown): string {
  const named = sectionAt(data)?.['qualityGates'];
  return typeof named === 'string' ? named : './quality-gates.json';
}

// The form is the schema's; whether the scheduler takes it only the scheduler knows.
function cronProblems(data: unknown, isValidCron: ConfigSources['isValidCron'], locate: Locate): readonly Problem[] {
  return Object.entries(sectionAt(data, 'environments') ?? {}).flatMap(([name, environment]) => {
    const schedule = sectionAt(environment, 'backup')?.['schedule'];
    if (typeof schedule !== 'string' || schedule.trim().split(/ +/).length !== 5 || isValidCron(schedule)) return [];
    const path = ['environments', name, 'backup', 'schedule'];
    return [
      {
        path: path.join('.'),
        message: `not a time of the calendar (got "${schedule}"), write "0 3 * * *" for 03:00 each day`,
        line: locate(path),
      },
    ];
  });
}

function secretProblem({ line, what }: { readonly line: number; readonly what: string }): Problem {
  return {
    path: 'the file',
    message: `holds what looks like ${what}; take it out (and renew it), secrets come from environment variables`,
    line,
  };
}

function fileMissing(path: string): BotError {
  return new BotError({
    code: 'config-invalid',
    message: `There is no configuration file ${resolve(path)}`,
    hint: `Copy config/example.yml to ${path}, change what is yours, then try: bin/dhash config check (DHASH_CONFIG names another file)`,
  });
}
