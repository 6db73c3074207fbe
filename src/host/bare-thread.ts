// How threads of the bot are started: without its flags and variables, for they must not inherit an inspector or a secret, and knowing where
// compiled code lies, so that each does not compile everything anew.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

const COMPILED = getCompileCacheDir();

export const BARE_THREAD = {
  execArgv: [],
  env: COMPILED === undefined ? {} : { NODE_COMPILE_CACHE: dirname(COMPILED) },
};
