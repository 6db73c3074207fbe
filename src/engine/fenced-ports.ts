// The ports as a step gets them: whatever changes the host first asks whether the job is still this worker's. A process that was stopped for
// longer than its lease wakes up in the middle of a step, with another worker at work on the same host.

import type { Ports } from '../core/ports.ts';

export function fencedPorts(ports: Ports, assertOurs: () => Promise<void>): Ports {
  const fenced =
    <Given extends readonly unknown[], Answer>(act: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      await assertOurs();
      return act(...given);
    };
  const { backups, commands, releases, slots, traffic } = ports;
  return {
    ...ports,
    backups: {
      ...backups,
      create: fenced((create) => backups.create({ ...create, mayShow: assertOurs })),
      restore: fenced(backups.restore),
      remove: fenced(backups.remove),
    },
    commands: { ...commands, run: fenced((run) => commands.run({ ...run, mayBegin: assertOurs })) },
    releases: {
      ...releases,
      fetch: fenced((fetch) => releases.fetch({ ...fetch, mayBegin: assertOurs })),
      linkShared: fenced(releases.linkShared),
      remove: fenced(releases.remove),
      mark: fenced(releases.mark),
      prepare: fenced(releases.prepare),
    },
    slots: { ...slots, start: fenced(slots.start), stop: fenced(slots.stop) },
    traffic: { ...traffic, ensure: fenced(traffic.ensure), switchTo: fenced(traffic.switchTo) },
  };
}
