// The verbs that the program alone has, beside those that Slack has too; in the order help shows them.

import type { Verb } from './verb.ts';

export const VERBS: readonly Verb[] = [
  {
    name: 'start',
    usage: 'start [--role bot|worker|all]',
    summary: 'Run the bot',
    load: async () => (await import('./start.ts')).runBot,
  },
  {
    name: 'demo',
    usage: 'demo [--script]',
    summary: 'A local Slack, a sample service and the bot, ready to click',
    load: async () => (await import('./demo.ts')).runDemoVerb,
  },
  {
    name: 'premerge',
    usage: 'premerge [folder]',
    summary: 'Try a commit out before its merge: tests, dry runs, a scratch copy watched, a backup',
    load: async () => (await import('./premerge.ts')).premerge,
  },
  {
    name: 'config',
    usage: 'config check',
    summary: 'Read dhash.yml and say everything that is wrong with it',
    load: async () => (await import('./config.ts')).checkConfig,
  },
  {
    name: 'manifest',
    usage: 'manifest [--http https://...]',
    summary: "Print the Slack app's manifest",
    load: async () => (await import('./manifest.ts')).printManifest,
  },
  {
    name: 'golden',
    usage: 'golden check|generate|approve --game G --in FILE [--frames 5,10,20]',
    summary: 'A video against its golden set, or a new set (exits 0 pass, 2 a gate failed, 1 could not run)',
    load: async () => (await import('./golden.ts')).golden,
  },
  {
    name: 'templates',
    usage: 'templates preview [NAME] [--format slack|text|mail|html|teams]',
    summary: 'Show what is sent when, with sample facts and the wording of dhash.yml',
    load: async () => (await import('./templates.ts')).previewTemplates,
  },
  {
    name: 'log',
    usage: 'log REQUEST [STEP]',
    summary: 'Everything that the steps of a request printed',
    load: async () => (await import('./log.ts')).log,
  },
  {
    name: 'audit',
    usage: 'audit verify|export',
    summary: 'Check or print the hash-chained log',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'check',
    usage: 'check audio|container FILE',
    summary: 'Judge an ebur128 log or the JSON of ffprobe',
    load: async () => (await import('./check.ts')).checkFile,
  },
];
