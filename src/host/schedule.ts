// Cron lines that really fire: node-cron behind one small function.

import cron from 'node-cron';

export interface Scheduled {
  /** Names it in the due key, e.g. the environment. */
  readonly name: string;
  /** Five fields. */
  readonly expression: string;
}

export interface Schedule {
  readonly stop: () => Promise<void>;
}

/** Calls `onDue` with the entry's name and the minute it was due (`2026-11-23T03:00`), the same for every process that runs the same schedule. */
export function startSchedule(
  entries: readonly Scheduled[],
  timezone: string,
  onDue: (name: string, minute: string) => Promise<void>,
): Schedule {
  const tasks = entries.map(({ name, expression }) =>
    cron.schedule(expression, ({ date }) => onDue(name, date.toISOString().slice(0, 16)), { timezone, name, noOverlap: true }),
  );
  return {
    stop: async () => {
      await Promise.all(tasks.map((task) => task.destroy()));
    },
  };
}

/** Five fields that node-cron understands. */
export function isValidCron(expression: string): boolean {
  return expression.trim().split(/\s+/).length === 5 && cron.validate(expression);
}
