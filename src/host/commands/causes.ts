// What probably went wrong, guessed from how a program ended and what it printed last. Only ever a hint: no decision rests on it.

import type { Cause } from './cause.ts';
import { CAUSE_RULES } from './causes-rules.ts';

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it printed last, oldest line first. */
  readonly tail: readonly string[];
  /** Code of the error that kept it from starting, e.g. ENOENT. */
  readonly errno: string | null;
  /** The program, for "program not found"; null = not known. */
  readonly program: string | null;
}

/** Null when nothing known fits. Pure. */
export function probableCause(ending: Ending): Cause | null {
  return causeOfErrno(ending) ?? causeInTail(ending.tail) ?? causeOfExit(ending);
}

/** "Port 9101 is already in use. See who has it: ss -ltnp ..."; null when nothing known fits. */
export function causeHint(ending: Ending): string | null {
  const found = probableCause(ending);
  return found === null ? null : `${found.cause} ${found.next}`;
}

function causeOfErrno({ errno, program }: Ending): Cause | null {
  if (errno === 'ENOENT') return programNotFound(program);
  if (errno === 'EACCES' || errno === 'EPERM') {
    const name = program ?? 'the program';
    return { kind: 'permission-denied', cause: `${name} may not be executed by this user.`, next: `Look at its rights: ls -l ${name}` };
  }
  if (errno === 'ENOMEM' || errno === 'EAGAIN') {
    return {
      kind: 'out-of-memory',
      cause: 'The host could not start another process.',
      next: 'Look at memory and processes: free -m; ps aux | wc -l',
    };
  }
  return null;
}

// Rules and their patterns stand from telling to vague, so the first pattern that fits any line wins over the first line that fits any.
function causeInTail(tail: readonly string[]): Cause | null {
  for (const { kind, patterns, say } of CAUSE_RULES) {
    for (const pattern of patterns) {
      const found = tail.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found) return { kind, ...say(found.slice(1).find((group) => group !== undefined) ?? null) };
    }
  }
  return null;
}

function causeOfExit({ exitCode, signal, program }: Ending): Cause | null {
  if (exitCode === 127) return programNotFound(null);
  if (exitCode === 126) {
    return {
      kind: 'permission-denied',
      cause: `${program ?? 'A program'} was found but may not be executed.`,
      next: 'Give it the right: chmod +x on the file named above',
    };
  }
  if (signal === 'SIGKILL' || exitCode === 137) {
    return {
      kind: 'killed',
      cause: 'It was killed from outside, most often for lack of memory.',
      next: 'See whether the kernel did it: dmesg -T | grep -i "out of memory"',
    };
  }
  return signal === null ? null : { kind: 'killed', cause: `It was ended by ${signal}.`, next: 'See who sent it: journalctl -n 100' };
}

function programNotFound(program: string | null): Cause {
  return program === null
    ? {
        kind: 'program-not-found',
        cause: 'A program it calls is not installed, or not on the PATH.',
        next: 'Install it, or add its folder to the PATH of the bot.',
      }
    : {
        kind: 'program-not-found',
        cause: `${program} is not installed, or not on the PATH.`,
        next: `Check it as the bot's user: command -v ${program}`,
      };
}
