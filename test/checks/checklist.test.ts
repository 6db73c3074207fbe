import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { judgeApprovals } from '../../src/checks/approvals.ts';
import { checkBackup, judgeBackup } from '../../src/checks/backup.ts';
import { type ContactFacts, checkContacts, judgeContacts } from '../../src/checks/contacts.ts';
import type { Check } from '../../src/checks/context.ts';
import { judgePlaceholders } from '../../src/checks/placeholders.ts';
import { CHECKS, runChecklist } from '../../src/checks/registry.ts';
import type { Backup } from '../../src/core/backup.ts';
import { pass } from '../../src/core/check.ts';
import { CHECKLIST_ITEMS } from '../../src/core/config.ts';
import { BotError } from '../../src/core/error.ts';
import type { Github } from '../../src/core/github.ts';
import { createGauges } from '../../src/host/gauges.ts';
import { testClock } from '../support/clock.ts';
import { githubPort, protects } from '../support/github.ts';
import { checkPorts, commands, declared, failed, gauges, NOW } from './support.ts';

const HOUR = 3_600_000;
const REQUEST = { tag: 'v2.1.0', commit: 'a'.repeat(40) };
const NEVER = new AbortController().signal;

const backup: Backup = {
  file: 'dhash_20261123_030000_v2.0.0.zip',
  environment: 'production',
  tag: 'v2.0.0',
  commit: 'b'.repeat(40),
  kind: 'nightly',
  createdAt: NOW - 9 * HOUR,
  bytes: 400_000_000,
  sha256: 'c'.repeat(64),
  verifiedAt: NOW - 9 * HOUR,
};

describe('the backup check', () => {
  const facts = { folder: '/srv/backups', writable: true, freeBytes: 2_000_000_000, backups: [backup], now: NOW };

  test.each<[string, Partial<Parameters<typeof judgeBackup>[0]>, string, string]>([
    ['passes with room and a verified backup', {}, 'pass', 'dhash_20261123_030000_v2.0.0.zip verified 9h ago; 2.0 GB free'],
    ['passes before the first backup', { backups: [] }, 'pass', 'no backup yet, this deploy makes the first one; 2.0 GB free'],
    ['passes with exactly the room it wants', { freeBytes: 600_000_000 }, 'pass', 'verified 9h ago; 600 MB free'],
    ['fails with a byte less', { freeBytes: 599_999_999 }, 'fail', '600 MB free at /srv/backups, a backup wants 600 MB'],
    [
      'wants some room even for a small service',
      { backups: [], freeBytes: 268_435_455 },
      'fail',
      '268 MB free at /srv/backups, a backup wants 268 MB',
    ],
    ['fails where it may not write', { writable: false }, 'fail', '/srv/backups may not be written'],
    [
      'fails when the newest backup was found broken',
      { backups: [{ ...backup, verifiedAt: null }] },
      'fail',
      'was not found right when it was last looked at',
    ],
    ['takes a clock that was set back', { now: NOW - 10 * HOUR }, 'pass', 'verified 0ms ago'],
  ])('%s', (_title, change, kind, detail) => {
    expect(judgeBackup({ ...facts, ...change })).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test('looks at the newest backup and dates its evidence by its verification', async () => {
    const { config, environment } = await declared('environments.production.root', '/srv/mobius');
    const run = commands();
    const older = { ...backup, file: 'older.zip', createdAt: NOW - 33 * HOUR, verifiedAt: NOW - 33 * HOUR };
    const context = {
      environment,
      config,
      store: { backups: async () => [older, backup], liveDeployment: async () => null },
      ports: checkPorts({ commands: run }),
      now: NOW,
      request: REQUEST,
    };
    const { result, at } = await checkBackup(context, NEVER);
    expect(result).toMatchObject({ kind: 'pass', detail: expect.stringContaining(backup.file) });
    expect(at).toBe(backup.verifiedAt);
    expect(run.runs[0]?.argv).toEqual(['test', '-w', '/srv/mobius/backups']);
  });

  test('says what the system refuses to write', async () => {
    const { config, environment } = await declared('environments.production.root', '/srv/mobius');
    const ports = checkPorts({ commands: commands(() => failed('command-failed')) });
    const context = {
      environment,
      config,
      store: { backups: async () => [], liveDeployment: async () => null },
      ports,
      now: NOW,
      request: REQUEST,
    };
    expect((await checkBackup(context, NEVER)).result).toMatchObject({ kind: 'fail', detail: '/srv/mobius/backups may not be written' });
  });

  describe('before the first deploy', () => {
    const folders: string[] = [];
    afterEach(async () => {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    });

    test('asks about the nearest folder there is, and makes none', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'dhash-check-'));
      folders.push(folder);
      const { config, environment } = await declared('environments.production.root', join(folder, 'srv/mobius'));
      const run = commands();
      const ports = checkPorts({ commands: run, gauges: createGauges() });
      await checkBackup(
        { environment, config, store: { backups: async () => [], liveDeployment: async () => null }, ports, now: NOW, request: REQUEST },
        NEVER,
      );
      expect(run.runs[0]?.argv).toEqual(['test', '-w', folder]);
    });
  });
});

describe('the placeholder check', () => {
  test.each<[string, readonly { path: string; text: string | null }[], string, string]>([
    ['passes where nothing is declared', [], 'pass', 'no files are declared to look through'],
    ['passes when all is filled in', [{ path: '/a.md', text: 'v2.1.0 at 12:00' }], 'pass', 'none left in one file'],
    [
      'names each place',
      [{ path: '/a.md', text: 'Deploy\nof RELEASE_TAG by @DEPLOY_LEAD' }],
      'fail',
      '/a.md:2 RELEASE_TAG, /a.md:2 @DEPLOY_LEAD',
    ],
    ['names five places at most', [{ path: '/a.md', text: '[DATE] '.repeat(7) }], 'fail', '/a.md:1 [DATE] and 2 more'],
    ['cannot judge a file that is not there', [{ path: '/a.md', text: null }], 'error', 'there is no file /a.md'],
  ])('%s', (_title, files, kind, detail) => {
    expect(judgePlaceholders(files)).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });
});

describe('the contacts check', () => {
  const facts: ContactFacts = {
    requirement: { required: 2, fromOps: 1 },
    approvers: [
      { id: 'U0BOB', ops: false },
      { id: 'U0OPS', ops: true },
    ],
    unknownGroups: [],
    emptyRoles: [],
    deafRoles: [],
  };

  test.each<[string, Partial<ContactFacts>, string, string]>([
    ['passes when people can fill all seats', {}, 'pass', '2 people may fill 2 seats'],
    ['passes when the known people suffice', { unknownGroups: ['S0REVIEW'] }, 'pass', '2 people may fill 2 seats'],
    ['passes when no approvals are wanted', { requirement: { required: 0, fromOps: 0 }, approvers: [] }, 'pass', 'no approvals are wanted'],
    [
      'fails without anybody from ops',
      {
        approvers: [
          { id: 'A', ops: false },
          { id: 'B', ops: false },
        ],
      },
      'fail',
      '1 seat of 2 cannot be filled, missing one from people.ops',
    ],
    [
      'fails when one person would fill two seats',
      { approvers: [{ id: 'A', ops: true }] },
      'fail',
      '1 seat of 2 cannot be filled, missing one from people.reviewers or people.ops',
    ],
    ['fails without anybody', { approvers: [] }, 'fail', '2 seats of 2 cannot be filled'],
    [
      'does not know when a group may hold the missing person',
      { approvers: [], unknownGroups: ['S0REVIEW', 'S0OPS'] },
      'unknown',
      'Slack does not tell who is in S0REVIEW, S0OPS',
    ],
    ['fails when the escalation goes to nobody', { emptyRoles: ['mediaEng'] }, 'fail', 'nobody is named as people.mediaEng'],
    ['fails without a deploy lead', { emptyRoles: ['deployLead'] }, 'fail', 'nobody is named as people.deployLead'],
    [
      'fails when a role is a group with nobody in it',
      { deafRoles: [{ role: 'oncall', group: 'S0ONCALL', why: 'empty' }] },
      'fail',
      'nobody is in S0ONCALL (people.oncall)',
    ],
    [
      'does not know who is in a role that is a group nobody could look into',
      { deafRoles: [{ role: 'oncall', group: 'S0ONCALL', why: 'unknown' }] },
      'unknown',
      'Slack does not tell who is in S0ONCALL (people.oncall)',
    ],
  ])('%s', (_title, change, kind, detail) => {
    expect(judgeContacts({ ...facts, ...change })).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test('counts each person once, groups included, and never the requester', async () => {
    const people = { reviewers: ['U0BOB', 'S0REVIEW'], ops: ['U0EVE'], deployLead: 'U0LEAD' };
    const { config, environment } = await declared('people', people);
    const ports = checkPorts({
      groups: { members: (group) => (group === 'S0REVIEW' ? ['U0BOB', 'U0EVE'] : null), asOf: () => NOW - 60_000 },
    });
    const asked = (by: string) =>
      checkContacts(
        {
          environment,
          config,
          store: { backups: async () => [], liveDeployment: async () => null },
          ports,
          now: NOW,
          request: { ...REQUEST, by },
        },
        NEVER,
      );
    expect((await asked('U0ADA')).result).toMatchObject({ kind: 'pass', detail: '2 people may fill 2 seats' });
    expect((await asked('U0EVE')).result).toMatchObject({ kind: 'fail', detail: expect.stringContaining('missing one from people.ops') });
  });

  test('is as old as the oldest list of a group that it counts', async () => {
    const people = { reviewers: ['S0REVIEW', 'U0BOB'], ops: ['S0OPS'], deployLead: 'U0LEAD', oncall: 'S0GONE' };
    const { config, environment } = await declared('people', people);
    const asOf = { S0REVIEW: NOW - 60_000, S0OPS: NOW - 600_000 };
    const groups = { members: () => ['U0EVE'], asOf: (group: string) => new Map(Object.entries(asOf)).get(group) ?? null };
    const store = { backups: async () => [], liveDeployment: async () => null };
    const context = { environment, config, store, ports: checkPorts({ groups }), now: NOW, request: REQUEST };
    expect(await checkContacts(context, NEVER)).toMatchObject({ result: { kind: 'pass' }, at: NOW - 600_000 });
  });

  test('looks into the groups of the roles, the lead included', async () => {
    const people = { reviewers: ['U0BOB'], ops: ['U0EVE'], deployLead: 'S0LEADS', oncall: 'S0ONCALL' };
    const { config, environment } = await declared('people', people);
    const answers = async (members: Readonly<Record<string, readonly string[] | null>>) => {
      const ports = checkPorts({ groups: { members: (group) => members[group] ?? null, asOf: () => null } });
      const context = {
        environment,
        config,
        store: { backups: async () => [], liveDeployment: async () => null },
        ports,
        now: NOW,
        request: REQUEST,
      };
      return (await checkContacts(context, NEVER)).result;
    };
    expect(await answers({ S0LEADS: ['U0LEAD'], S0ONCALL: ['U0EVE'] })).toMatchObject({ kind: 'pass' });
    expect(await answers({ S0LEADS: [], S0ONCALL: ['U0EVE'] })).toMatchObject({
      kind: 'fail',
      detail: 'nobody is in S0LEADS (people.deployLead)',
    });
    expect(await answers({ S0LEADS: ['U0LEAD'], S0ONCALL: null })).toMatchObject({ kind: 'unknown' });
  });

  test('looks up the roles of a declared escalation', async () => {
    const { config, environment } = await declared('environments.production.escalation', [{ to: 'oncall', after: '0s' }]);
    const context = {
      environment,
      config,
      store: { backups: async () => [], liveDeployment: async () => null },
      ports: checkPorts(),
      now: NOW,
      request: REQUEST,
    };
    expect((await checkContacts(context, NEVER)).result).toMatchObject({ kind: 'fail', detail: expect.stringContaining('people.oncall') });
  });
});

describe('the approvals check', () => {
  const two = { required: 2, fromOps: 1 };
  test.each([
    ['passes without seats', { required: 0, fromOps: 0 }, [], 'pass', 'no approvals are wanted'],
    [
      'passes when all seats are filled',
      two,
      [
        { id: 'U0BOB', ops: false },
        { id: 'U0OPS', ops: true },
      ],
      'pass',
      '2 of 2: U0OPS, U0BOB',
    ],
    ['fails while the ops seat is free', two, [{ id: 'U0BOB', ops: false }], 'fail', '1 of 2, missing 1 more, 1 of them from ops'],
    ['fails while any seat is free', two, [{ id: 'U0OPS', ops: true }], 'fail', '1 of 2, missing 1 more'],
    [
      'counts one person once',
      two,
      [
        { id: 'U0OPS', ops: true },
        { id: 'U0OPS', ops: true },
      ],
      'fail',
      '1 of 2, missing 1 more',
    ],
  ])('%s', (_title, requirement, approvers, kind, detail) => {
    expect(judgeApprovals(requirement, approvers)).toMatchObject({ kind, detail });
  });
});

describe('the checklist', () => {
  const answers = (check: Check) => ({ ...CHECKS, backup: check });

  async function context(clock = testClock(NOW)) {
    const { config, environment } = await declared('people', { reviewers: ['U0BOB'], ops: ['U0OPS'], deployLead: 'U0LEAD' });
    return {
      environment,
      config,
      store: { backups: async () => [backup], liveDeployment: async () => null },
      ports: checkPorts({ clock }),
      now: NOW,
      request: REQUEST,
    };
  }

  test('answers every item, in order, and passes none that it cannot measure', async () => {
    const evidence = await runChecklist(await context(), CHECKLIST_ITEMS);
    expect(evidence.map(({ check, result }) => `${check}: ${result.kind}`)).toEqual([
      'branch-protection: error',
      'ci: error',
      'premerge: error',
      'backup: pass',
      'quality-gates: unknown',
      'performance: skip',
      'placeholders: pass',
      'contacts: pass',
      'approvals: fail',
    ]);
    expect(evidence[2]?.result).toMatchObject({
      hint: expect.stringContaining('bin/dhash premerge'),
    });
  });

  test("asks for a branch's protection once, though two items read it", async () => {
    const { config, environment } = await declared('github', { repository: 'owner/name' });
    const asked: string[] = [];
    const protection: Github['protection'] = async ({ repository, branch }) => {
      asked.push(`${repository} ${branch}`);
      return { kind: 'read', value: protects('ci') };
    };
    const ground = { ...(await context()), environment, config, ports: checkPorts({ github: githubPort({ protection }) }) };
    const request = { ...REQUEST, commit: 'a'.repeat(40) };
    const evidence = await runChecklist({ ...ground, request }, ['branch-protection', 'ci']);
    expect(asked).toEqual(['owner/name main']);
    expect(evidence.map(({ result }) => result.detail).join()).toContain('requires 1 check');
    await runChecklist({ ...ground, request }, ['ci']);
    expect(asked).toHaveLength(2);
  });

  test('turns what a check throws into an answer of its own', async () => {
    const thrown = new BotError({ code: 'disk-gone', message: 'the disk is gone', hint: 'Look for it.' });
    const evidence = await runChecklist(
      await context(),
      ['backup', 'contacts'],
      answers(() => Promise.reject(thrown)),
    );
    expect(evidence).toEqual([
      { check: 'backup', result: { kind: 'error', detail: 'the disk is gone', hint: 'Look for it.' }, at: NOW },
      expect.objectContaining({ check: 'contacts', result: expect.objectContaining({ kind: 'pass' }) }),
    ]);
  });

  test('does not wait longer than 30 seconds for one of them, and tells it to stop', async () => {
    const clock = testClock(NOW);
    let told = false;
    const hangs: Check = (_context, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          told = true;
        });
      });
    const running = runChecklist(await context(clock), ['backup', 'contacts'], answers(hangs));
    await clock.later(29_999);
    expect(told).toBe(false);
    await clock.later(1);
    const [late, other] = await running;
    expect(late?.result).toMatchObject({ kind: 'error', detail: 'gave no answer within 30s' });
    expect(other?.result.kind).toBe('pass');
    expect(told).toBe(true);
  });

  test('leaves nothing waiting once all have answered', async () => {
    const clock = testClock(NOW);
    let sleeping = 0;
    const counting = {
      now: clock.now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        sleeping += 1;
        await clock.sleep(ms, signal);
        sleeping -= 1;
      },
    };
    const given = await context();
    await runChecklist(
      { ...given, ports: { ...given.ports, clock: counting } },
      ['contacts'],
      answers(async () => ({ result: pass('x'), at: NOW })),
    );
    await clock.later(0);
    expect(sleeping).toBe(0);
  });

  test('tells an error when the host cannot say how much is free', async () => {
    const given = await context();
    const broken = gauges(() => Promise.reject(new BotError({ code: 'free-space-unknown', message: 'no right to look', hint: null })));
    const [answer] = await runChecklist({ ...given, ports: { ...given.ports, gauges: broken } }, ['backup']);
    expect(answer?.result).toEqual({ kind: 'error', detail: 'no right to look', hint: null });
  });
});
