// dhash.yml as people write it. The file's spelling stands here and in environment-schema.ts and nowhere else.

import { z } from 'zod';
import { environment } from './environment-schema.ts';
import { duration, leaf, text, whole } from './leaf.ts';
import { notify } from './notify-schema.ts';
import { premerge } from './premerge-schema.ts';
import { askedGithub, defaultExists, distinctPorts, distinctRoots, premergeEnvironment } from './rules.ts';

const userOrGroup = /^[UWS][A-Z0-9_]+$/;
const ENVIRONMENT_NAME =
  'not an environment name, write lower-case letters, digits and dashes, beginning with a letter (staging, production-2)';

const person = () => text('a Slack user id or user group id', 'U0ALICE or S0REVIEW', userOrGroup);
const folder = (fallback: string) => text('a path', fallback).default(fallback);

const slack = z.strictObject({
  channel: text('a Slack channel id', 'the id, C0OPS (in Slack: channel name -> About, at the bottom)', /^[CG][A-Z0-9_]+$/),
  team: text('a Slack team id', 'T0TEAM or null', /^T[A-Z0-9_]+$/)
    .nullable()
    .default(null),
  app: text('a Slack app id', 'A0APP or null', /^A[A-Z0-9_]+$/)
    .nullable()
    .default(null),
});

const people = z.strictObject({
  reviewers: z.array(person()).default([]),
  ops: z.array(person()).default([]),
  deployLead: person().nullable().default(null),
  oncall: person().nullable().default(null),
  mediaEng: person().nullable().default(null),
  engineeringManager: person().nullable().default(null),
  shell: z
    .record(
      z.string().regex(/^[a-z_][a-z0-9_.-]*$/i, 'not the name of an operating-system user, write root: U0LEAD'),
      text('a Slack user id', 'U0ALICE', /^[UW][A-Z0-9_]+$/),
    )
    .default({}),
});

const github = z.strictObject({
  repository: text('a repository', 'owner/name', /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/),
  branch: text('a branch', 'main', /^[^\s~^:?*[\\-][^\s~^:?*[\\]*$/).default('main'),
  requiredChecks: z.array(requiredCheck()).default([]),
  reviews: whole(0, 20, 'a count of reviews').default(0),
  waitForChecks: duration().default(30 * 60_000),
});

// A function, because `github` above is made before this line is reached.
function requiredCheck() {
  const name = text('the name of a check', 'ci/premerge-validation, or { name: ci/premerge-validation, app: any }');
  const app = text('the slug of a GitHub app', 'github-actions, another slug, or any', /^[a-z0-9][a-z0-9-]*$/);
  return z.union([name.transform((only) => ({ name: only, app: null })), z.strictObject({ name, app: app.nullable().default(null) })]);
}

const reports = z.strictObject({
  url: leaf({
    read: reportsUrl,
    what: 'a web address of a folder',
    write: 'https://ops.example.com/reports/, or null',
  })
    .nullable()
    .default(null),
});

export const configFile = z
  .strictObject({
    service: text('the name of a service', 'letters, digits and dashes: mobius-dhash', /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    dataDir: folder('./data'),
    qualityGates: folder('./quality-gates.json'),
    timezone: leaf({
      read: (value) => (isTimezone(value) ? value : undefined),
      what: 'a time zone',
      write: 'UTC or Europe/Berlin',
    }).default('UTC'),
    defaultEnvironment: text('the name of an environment', 'production').default('production'),
    slack,
    people: people.prefault({}),
    github: github.nullable().default(null),
    reports: reports.prefault({}),
    premerge: premerge.prefault({}),
    notify: notify.prefault({}),
    environments: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, ENVIRONMENT_NAME), environment),
  })
  .refine(defaultExists.holds, defaultExists.else)
  .refine(premergeEnvironment.holds, premergeEnvironment.else)
  .refine(distinctPorts.holds, distinctPorts.else)
  .refine(distinctRoots.holds, distinctRoots.else)
  .refine(askedGithub.holds, askedGithub.else);

export type ConfigFile = z.output<typeof configFile>;
export type EnvironmentFile = ConfigFile['environments'][string];

function reportsUrl(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '')
    return undefined;
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

function isTimezone(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
