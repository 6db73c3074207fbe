// What is said to systemd, and what it answers: words only, nothing is done here.

import type { Argv } from '../../core/config.ts';
import type { Slot } from '../../core/slot.ts';

/** `mobius-dhash@{slot}.service` -> `mobius-dhash@blue.service` */
export function unitName(template: string, slot: Slot): string {
  return template.replaceAll('{slot}', slot);
}

export function startUnit(unit: string): Argv {
  return ['systemctl', 'start', '--', unit];
}

export function stopUnit(unit: string): Argv {
  return ['systemctl', 'stop', '--', unit];
}

export function killUnit(unit: string): Argv {
  return ['systemctl', 'kill', '--signal=SIGKILL', '--', unit];
}

/** Lets a unit start again that systemd gave up on. */
export function resetUnit(unit: string): Argv {
  return ['systemctl', 'reset-failed', '--', unit];
}

export function showUnit(unit: string): Argv {
  return ['systemctl', 'show', '--property=LoadState,ActiveState,SubState,MainPID,Result,ExecMainStatus', '--', unit];
}

export function unitJournal(unit: string): Argv {
  return ['journalctl', '--no-pager', '--output=cat', '--lines=40', `--unit=${unit}`];
}

export interface UnitState {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** Null when no main process runs. */
  readonly mainPid: number | null;
  readonly result: string;
  readonly exitStatus: number;
}

/** Lines of `systemctl show`; null when they are not what was asked for. */
export function parseUnitState(lines: readonly string[]): UnitState | null {
  const fields = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const));
  const active = fields.get('ActiveState');
  if (active === undefined) return null;
  const pid = Number(fields.get('MainPID') ?? 0);
  return {
    load: fields.get('LoadState') ?? '',
    active,
    sub: fields.get('SubState') ?? '',
    mainPid: Number.isSafeInteger(pid) && pid > 0 ? pid : null,
    result: fields.get('Result') ?? '',
    exitStatus: Number(fields.get('ExecMainStatus') ?? 0),
  };
}

/** A file for `EnvironmentFile=`; values are quoted, so that a path may hold blanks. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\`$]/g, '\\$&')}"\n`)
    .join('');
}

export function parseEnvironmentFile(text: string): Readonly<Record<string, string>> {
  const lines = [...text.matchAll(/^([A-Z_]+)="(.*)"$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value.replaceAll(/\\(["\\`$])/g, '$1')]));
}
