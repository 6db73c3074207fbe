// A local GitHub for the demo and for end-to-end tests: the package `emulate`, filled with the commits of a git repository.
//
// What it is (0.12.2, found by trying): REST for branches, classic protection, git objects (with git's own ids), compare, check runs, pull
// requests and reviews. What it is not, and what the front here adds: rulesets (there are none), commit statuses (there are none) and the
// app of a check run (GitHub Actions). It hands out all check runs as one page, and names no app in protection.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { freePorts } from '../src/host/free-ports.ts';
import { type Ask, pushTo } from './github-push.ts';
import { openLoopback, sendJson } from './loopback.ts';

export interface LocalGithub {
  /** For GITHUB_API_URL. */
  readonly apiUrl: string;
  /** For GITHUB_TOKEN. */
  readonly token: string;
  readonly repository: string;
  readonly branch: string;
  /** Reports a check on a commit, as its workflow would. */
  readonly report: (commit: string, name: string, conclusion: 'success' | 'failure' | null) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface GithubSeed {
  /** Path of a bare git repository. */
  readonly git: string;
  /** Required on `main`, and green on every tag. */
  readonly checks: readonly string[];
}

const TOKEN = 'local-github-token';
const OWNER = 'mobius';
const NAME = 'dhash';
const BRANCH = 'main';
const ACTIONS = { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' };
const TIMEOUT_MS = 10_000;

export const HOW_TO_INSTALL_GITHUB = 'run "npm ci --include=optional" to have a local GitHub, too';

/** null = `emulate` is not installed: it is an optional dependency. */
export async function startLocalGithub(seed: GithubSeed): Promise<LocalGithub | null> {
  const emulate = await import('emulate').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  });
  if (emulate === null) return null;
  const [port = 0] = await freePorts(1);
  const repository = `${OWNER}/${NAME}`;
  const github = await emulate.createEmulator({
    service: 'github',
    port,
    seed: {
      tokens: { [TOKEN]: { login: OWNER, scopes: ['repo'] } },
      github: { users: [{ login: OWNER }], repos: [{ owner: OWNER, name: NAME, auto_init: false, default_branch: BRANCH }] },
    },
  });
  const base = `http://127.0.0.1:${port}`;
  const ask = caller(base);
  const report: LocalGithub['report'] = async (commit, name, conclusion) => {
    const state = conclusion === null ? { status: 'in_progress' } : { status: 'completed', conclusion };
    await ask('POST', `/repos/${repository}/check-runs`, { head_sha: commit, name, started_at: new Date().toISOString(), ...state });
  };
  try {
    const tagged = await pushTo(ask, repository, seed.git);
    await ask('PUT', `/repos/${repository}/branches/${BRANCH}/protection`, {
      required_status_checks: { strict: true, contexts: seed.checks },
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: null,
    });
    for (const commit of tagged) for (const name of seed.checks) await report(commit, name, 'success');
    const front = await openLoopback(
      (request, response) => pass(base, request, response),
      (message) => ({ message }),
    );
    const close = async () => {
      await front.close();
      await github.close();
    };
    return { apiUrl: front.url, token: TOKEN, repository, branch: BRANCH, report, close };
  } catch (error) {
    await github.close();
    throw error;
  }
}

function caller(base: string): Ask {
  return async (method, path, body) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`the local GitHub answered ${answer.status} to ${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
}

async function pass(base: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  const { pathname } = new URL(path, base);
  if (/\/rules\/branches\/|\/commits\/[0-9a-f]+\/statuses$/.test(pathname)) return sendJson(response, 200, []);
  const { authorization = '' } = request.headers;
  const answer = await fetch(`${base}${path}`, {
    headers: authorization === '' ? {} : { authorization },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body: unknown = await answer.json();
  sendJson(response, answer.status, pathname.endsWith('/check-runs') ? withApps(body) : body);
}

function withApps(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('check_runs' in body) || !Array.isArray(body.check_runs)) return body;
  return { ...body, check_runs: body.check_runs.map((run: object) => ({ ...run, app: ACTIONS })) };
}
