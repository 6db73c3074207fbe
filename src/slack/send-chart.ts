// One attempt at a chart, or the log of a step that failed: drawn, uploaded, and shown in its thread at most once. The story never waits for a picture: what cannot be shown is given up.

import { z } from 'zod';
import type { Charts, ChartUpload, LogUpload } from '../core/chart.ts';
import type { Json } from '../core/json.ts';
import type { Outbox, OutboxEntry } from '../core/mailbox.ts';
import { message } from '../templates/message.ts';
import { writeContent } from './content.ts';
import type { Failure } from './outcome.ts';
import { refusalOf } from './refused.ts';
import { ARRIVAL_MS, again, type Sent } from './sent.ts';
import type { WebFiles } from './web-files.ts';

export interface ChartSending {
  readonly files: WebFiles;
  readonly charts: Pick<Charts, 'png'>;
  readonly outbox: Pick<Outbox, 'card' | 'ambiguous' | 'enqueue'>;
}

/** Stands in front of the error from just before the upload is completed: from there on only a look into the thread tells what became of it. */
const COMPLETING = 'completing ';
/** Slack may be there for text while its place for files is not. */
const TRIES = 5;
const LACKING = ['missing_scope', 'not_allowed_token_type', 'file_uploads_disabled'];

const limit = z.number().nullable();
const named = { filename: z.string().min(1).max(200), title: z.string().min(1).max(250), alt: z.string().min(1).max(1_000) };
const chartUpload: z.ZodType<ChartUpload> = z.object({
  ...named,
  chart: z.object({
    title: z.string(),
    from: z.number(),
    until: z.number(),
    panels: z.array(
      z.object({
        label: z.string(),
        unit: z.string(),
        warnAbove: limit,
        backAbove: limit,
        points: z.array(z.tuple([z.number(), z.number().nullable()])),
      }),
    ),
    marks: z.array(z.object({ at: z.number(), kind: z.enum(['switch', 'breach', 'recovery', 'rollback']) })),
  }),
});

const upload: z.ZodType<Upload> = z.union([chartUpload, z.object({ ...named, log: z.string().min(1) })]);
type Upload = ChartUpload | LogUpload;

/** A chart or a log as JSON for the outbox. */
export function writeUpload(from: Upload): Json {
  const json: Json = JSON.parse(JSON.stringify(from));
  return json;
}

/** Never throws for anything Slack does. `lookUp`: an earlier attempt ended without a known result. */
export async function sendChart(deps: ChartSending, entry: OutboxEntry, lookUp: boolean, request: string): Promise<Sent> {
  const read = upload.safeParse(entry.content);
  if (!read.success) return { kind: 'dead', code: 'content-is-no-chart' };
  const thread = (await deps.outbox.card(request))?.ts ?? null;
  const completing =
    lookUp && entry.error?.startsWith(COMPLETING) === true ? entry.error.slice(COMPLETING.length).split(':')[0] : undefined;
  if (completing !== undefined) return lookFor(deps, entry, thread, completing);

  const bytes = await drawn(deps, read.data);
  if (bytes === null) return { kind: 'dead', code: 'chart-not-drawn' };
  const { filename, alt, title } = read.data;
  const reserved = await deps.files.reserve({ filename, alt, length: bytes.length });
  if (reserved.kind !== 'ok') return judge(deps, entry, request, reserved);
  const { file, url } = reserved.value;
  const put = await deps.files.put(url, bytes);
  if (put.kind !== 'ok') return judge(deps, entry, request, put);

  const noted = `${COMPLETING}${file}`;
  await deps.outbox.ambiguous(entry.id, entry.notBefore, noted);
  const shown = await deps.files.complete({ file, title, channel: entry.channel, thread });
  if (shown.kind === 'ok') return { kind: 'sent', ts: null };
  if (shown.kind === 'ambiguous') return { kind: 'unknown', code: `${noted}: ${shown.code}`, atLeastMs: ARRIVAL_MS, mendable: false };
  return judge(deps, entry, request, shown);
}

/** It is never completed a second time: a picture may be missing, and is then counted as failed, but none is there twice. */
async function lookFor({ files }: ChartSending, entry: OutboxEntry, thread: string | null, file: string): Promise<Sent> {
  const found = await files.holds({ channel: entry.channel, thread, file, since: entry.createdAt });
  if (found.kind === 'ok') return found.value ? { kind: 'sent', ts: null } : { kind: 'dead', code: 'upload-lost' };
  if (found.kind === 'refused' && refusalOf(found.code) !== 'mendable') return { kind: 'dead', code: found.code };
  const { code, atLeastMs, mendable } = again(found);
  return { kind: 'unknown', code: `${COMPLETING}${file}: ${code}`, atLeastMs: Math.max(ARRIVAL_MS, atLeastMs), mendable };
}

async function drawn({ charts }: ChartSending, from: Upload): Promise<Uint8Array | null> {
  try {
    return 'log' in from ? Buffer.from(from.log) : await charts.png(from.chart);
  } catch {
    return null;
  }
}

/** Until the upload is completed nothing of it can be seen, so a lost answer is no doubt. */
async function judge(deps: ChartSending, entry: OutboxEntry, request: string, failure: Failure): Promise<Sent> {
  if (failure.kind === 'refused') {
    if (LACKING.includes(failure.code)) await tellLacking(deps, entry, request, failure);
    else if (refusalOf(failure.code) === 'mendable') return again(failure);
    return { kind: 'dead', code: failure.code };
  }
  const tries = entry.attempts + 1;
  if (failure.kind !== 'limited' && tries >= TRIES) return { kind: 'dead', code: `${failure.code} (${tries} tries)` };
  return again(failure);
}

/** Told once for ever, by its key. */
async function tellLacking(
  { outbox }: ChartSending,
  { channel, createdAt }: OutboxEntry,
  request: string,
  failure: Failure,
): Promise<void> {
  const content = message('warn', 'Charts cannot be uploaded here; the story goes on in words', {
    lines: [[`Slack says ${failure.code}: the app lacks the scope `, { code: 'files:write' }, '.']],
    footer: ['Install the app again from manifest.yml, then the next charts come.'],
  });
  const to = { kind: 'thread', request, broadcast: false } as const;
  await outbox.enqueue([{ key: 'charts-lacking', channel, to, content: writeContent(content), at: createdAt }], null);
}
