// The port and both checks against a stateful GitHub over HTTP: real commits, protection, check runs and history.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalGithub, startLocalGithub } from '../../demo/local-github.ts';
import { createRepository } from '../../demo/repository.ts';
import { checkBranchProtection } from '../../src/checks/branch-protection.ts';
import { checkCi } from '../../src/checks/ci.ts';
import { createGithub } from '../../src/host/github/github.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { checkPorts, declared } from '../checks/support.ts';
import { git } from './support/github.ts';

const CHECKS = ['ci/premerge-validation', 'golden-checks-ubuntu'];
const SIGNAL = new AbortController().signal;
let dir = '';
let hub: LocalGithub;
let tags: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dhash-github-'));
  const repository = await createRepository(join(dir, 'git'));
  tags = await git(repository);
  const started = await startLocalGithub({ git: repository, checks: CHECKS });
  if (started === null) throw new Error('emulate is a dependency of the tests');
  hub = started;
}, 60_000);
afterAll(async () => {
  await hub?.close();
  await rm(dir, { recursive: true, force: true });
});

async function ask(commit: string, file: object = {}, token: string | null = hub.token) {
  const { config, environment } = await declared('github', { repository: hub.repository, requiredChecks: CHECKS, ...file });
  const clock = { now: () => Date.now() };
  const github = createGithub({ token, apiUrl: hub.apiUrl, clock, redact: createRedactor([hub.token]), retryMs: 1 });
  const context = {
    environment,
    config,
    store: { backups: async () => [], liveDeployment: async () => null },
    ports: checkPorts({ github }),
    now: Date.now(),
  };
  const about = { ...context, request: { tag: 'v2.1.0', commit } };
  const [protection, ci] = await Promise.all([checkBranchProtection(about, SIGNAL), checkCi(about, SIGNAL)]);
  return { protection: protection.result, ci: ci.result, ciAt: ci.at };
}

describe('against a stateful GitHub', () => {
  test('a tag on the protected branch with green checks passes, dated by its runs', async () => {
    const { protection, ci, ciAt } = await ask(tags['v2.1.0'] ?? '');
    expect(protection).toMatchObject({ kind: 'pass', detail: expect.stringContaining('main of mobius/dhash requires 2 checks') });
    expect(ci).toMatchObject({ kind: 'pass', detail: expect.stringContaining('2 required checks green') });
    expect(Date.now() - ciAt).toBeLessThan(60_000);
  });

  test('a rerun that has not ended is waited for, and one that is red counts', async () => {
    const commit = tags['v2.2.0'] ?? '';
    await hub.report(commit, 'golden-checks-ubuntu', null);
    expect((await ask(commit)).ci).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(/^pending: golden-checks-ubuntu runs since/),
    });
    await hub.report(commit, 'golden-checks-ubuntu', 'failure');
    expect((await ask(commit)).ci).toMatchObject({
      kind: 'fail',
      detail: 'golden-checks-ubuntu is failure',
      hint: expect.stringContaining('http'),
    });
    await hub.report(commit, 'golden-checks-ubuntu', 'success');
    expect((await ask(commit)).ci.kind).toBe('pass');
  });

  test('a check that the branch does not require, and that never ran, fails both', async () => {
    const { protection, ci } = await ask(tags['v2.1.0'] ?? '', { requiredChecks: [...CHECKS, 'golden-checks-windows'] });
    expect(protection).toMatchObject({ kind: 'fail', detail: 'main of mobius/dhash does not require golden-checks-windows' });
    expect(ci).toMatchObject({ kind: 'fail', detail: expect.stringContaining('golden-checks-windows has no run of github-actions') });
  });

  test('a commit beside the branch, and one GitHub never saw, are told apart', async () => {
    const beside = await ask(tags['v2.2.0'] ?? '', { branch: 'hotfix/v2.0.1' });
    expect(beside.protection.kind).toBe('fail');
    const { protection } = await ask('d'.repeat(40));
    expect(protection).toMatchObject({ kind: 'fail', detail: 'mobius/dhash has no commit dddddddddddd' });
  });

  test('a branch and a repository that are not there are never a pass', async () => {
    expect((await ask(tags['v2.1.0'] ?? '', { branch: 'gone' })).protection).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('404'),
    });
    const { protection, ci } = await ask(tags['v2.1.0'] ?? '', { repository: 'mobius/other' });
    expect([protection.kind, ci.kind]).toEqual(['unknown', 'unknown']);
  });
});
