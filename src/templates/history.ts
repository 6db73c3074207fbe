// What the history of requests adds up to: how often deploys succeed, how fast it goes back, how many changes were sent back.

import type { Deployment } from '../core/deployment.ts';
import type { Job } from '../core/job.ts';
import type { Request } from '../core/request.ts';
import type { DurationMs, Instant } from '../core/time.ts';

export interface HistoryFacts {
  readonly requests: readonly Request[];
  readonly jobs: readonly Job[];
  /** Each environment's, newest first. */
  readonly deployments: readonly (readonly Deployment[])[];
}

export interface HistoryRow {
  readonly id: string;
  readonly at: Instant;
  readonly environment: string;
  readonly kind: Request['kind'];
  readonly tag: string | null;
  readonly by: string;
  readonly state: Request['state'];
  readonly tookMs: DurationMs | null;
  /** It went live, and the very next change of its environment was a rollback. */
  readonly sentBack: boolean;
}

export interface Share {
  readonly count: number;
  readonly of: number;
}

export interface History {
  /** Newest first. */
  readonly rows: readonly HistoryRow[];
  readonly deploys: number;
  /** Of the deploys that ran to an end: rejected, expired and canceled ones are neither. */
  readonly succeeded: Share;
  /** Of the deploys that went live: sent back by the very next change. */
  readonly sentBack: Share;
  readonly back: { readonly count: number; readonly medianMs: DurationMs; readonly longestMs: DurationMs } | null;
}

const TOLD: readonly Request['kind'][] = ['deploy', 'rollback', 'monitor'];

export function historyOf({ requests, jobs, deployments }: HistoryFacts): History {
  const live = deployments.flatMap((newestFirst) => newestFirst.map((one, place) => ({ one, next: newestFirst[place - 1] })));
  const changes = live.filter(({ one }) => one.kind === 'deploy');
  const sentBack = changes.filter(({ next }) => next?.kind === 'rollback');
  const back = new Set(sentBack.map(({ one }) => one.requestId));
  const rows = requests
    .filter(({ kind }) => TOLD.includes(kind))
    .map((request): HistoryRow => {
      const { id, at, environment, kind, tag, by, state } = request;
      const job = jobs.find((one) => one.requestId === id && one.name === kind);
      return { id, at, environment, kind, tag, by: by.name, state, tookMs: tookOf(job), sentBack: back.has(id) };
    })
    .toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const deploys = rows.filter(({ kind }) => kind === 'deploy');
  const ended = deploys.filter(({ state }) => state === 'succeeded' || state === 'failed');
  return {
    rows,
    deploys: deploys.length,
    succeeded: { count: ended.filter(({ state }) => state === 'succeeded').length, of: ended.length },
    sentBack: { count: sentBack.length, of: changes.length },
    back: backOf(rows),
  };
}

function tookOf(job: Job | undefined): DurationMs | null {
  if (job === undefined || job.startedAt === null || job.finishedAt === null) return null;
  return job.finishedAt - job.startedAt;
}

function backOf(rows: readonly HistoryRow[]): History['back'] {
  const took = rows
    .filter(({ kind, state }) => kind === 'rollback' && state === 'succeeded')
    .flatMap(({ tookMs }) => tookMs ?? [])
    .toSorted((a, b) => a - b);
  const medianMs = took[Math.floor(took.length / 2)];
  const longestMs = took.at(-1);
  return medianMs === undefined || longestMs === undefined ? null : { count: took.length, medianMs, longestMs };
}
