// Uploads of the fake Slack, strict: the bytes must be as many as were declared, and an upload is completed once.

import type { Answer, Args, Workspace } from './methods.ts';

export interface FakeUpload {
  readonly id: string;
  readonly filename: string;
  readonly alt: string;
  readonly length: number;
  bytes: Buffer | null;
  completed: boolean;
}

export function reserveUpload(space: Workspace, args: Args): Answer {
  const [filename, length, alt] = [String(args['filename'] ?? ''), Number(args['length']), String(args['alt_txt'] ?? '')];
  if (filename === '' || !Number.isInteger(length) || length <= 0) return invalid('filename and length are required');
  if (alt === '' || alt.length > 1_000) return invalid('alt_txt must have 1 to 1000 characters');
  const id = `F${space.uploads.size + 1}`;
  space.uploads.set(id, { id, filename, alt, length, bytes: null, completed: false });
  return { ok: true, upload_url: `${space.base}/upload/v1/${id}`, file_id: id };
}

/** null = taken. */
export function acceptBytes(space: Workspace, path: string, bytes: Buffer): string | null {
  const upload = space.uploads.get(path.slice(path.lastIndexOf('/') + 1));
  if (upload === undefined) return 'no such upload';
  if (bytes.length !== upload.length) return `${bytes.length} bytes, declared were ${upload.length}`;
  upload.bytes = bytes;
  return null;
}

export function completeUpload(space: Workspace, args: Args, ts: string): Answer {
  const files: unknown = typeof args['files'] === 'string' ? JSON.parse(args['files']) : args['files'];
  if (!Array.isArray(files) || files.length !== 1) return invalid('files must name one file');
  const [{ id, title }] = files;
  const channel = String(args['channel_id'] ?? '');
  const messages = space.channels.get(channel);
  if (messages === undefined) return { ok: false, error: 'channel_not_found' };
  if (space.notIn.has(channel)) return { ok: false, error: 'not_in_channel' };
  const upload = space.uploads.get(String(id));
  if (upload === undefined || upload.bytes === null) return invalid(`${id} has no bytes`);
  if (upload.completed) return invalid(`${id} was completed before`);
  const thread = typeof args['thread_ts'] === 'string' ? args['thread_ts'] : null;
  if (thread !== null && !messages.some((message) => message.ts === thread)) return { ok: false, error: 'thread_not_found' };
  upload.completed = true;
  // No key: a message with a file carries no metadata of ours.
  messages.push({
    ts,
    key: null,
    text: '',
    blocks: [],
    thread,
    broadcast: false,
    edits: 0,
    files: [{ id: upload.id, title: String(title) }],
  });
  return { ok: true, files: [{ id: upload.id, title }] };
}

function invalid(why: string): Answer {
  return { ok: false, error: 'invalid_arguments', response_metadata: { messages: [`[ERROR] ${why}`] } };
}
