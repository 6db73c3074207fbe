// Uploads of the strict Slack: the bytes must be as many as were declared, and an upload is completed once.

import { channelError } from './chat.ts';
import { type Answer, type Args, nested, no, type Workspace } from './workspace.ts';

export interface Upload {
  readonly id: string;
  readonly filename: string;
  readonly alt: string;
  readonly length: number;
  bytes: Buffer | null;
  completed: boolean;
}

const ALT_MAX = 1_000;

export function reserveUpload(space: Workspace, args: Args): Answer {
  const [filename, length, alt] = [String(args['filename'] ?? ''), Number(args['length']), String(args['alt_txt'] ?? '')];
  if (filename === '' || !Number.isInteger(length) || length <= 0) return invalid('filename and length are required');
  if (alt.length > ALT_MAX) return no('alt_txt_too_large');
  // Not Slack's rule but ours: who cannot see a picture reads what it shows.
  if (alt === '') return invalid('alt_txt must say what the file shows');
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

export function completeUpload(space: Workspace, args: Args): Answer {
  const files = nested(args['files']);
  if (!Array.isArray(files) || files.length !== 1) return invalid('files must name one file');
  const [{ id, title }] = files;
  const refused = channelError(space, args);
  if (refused !== null) return refused;
  const messages = space.channels.get(String(args['channel_id'])) ?? [];
  const upload = space.uploads.get(String(id));
  if (upload === undefined || upload.bytes === null) return invalid(`${id} has no bytes`);
  if (upload.completed) return invalid(`${id} was completed before`);
  const thread = typeof args['thread_ts'] === 'string' ? args['thread_ts'] : null;
  if (thread !== null && !messages.some((message) => message.ts === thread)) return no(space.unverified.goneThread);
  upload.completed = true;
  const shared = { text: '', blocks: [], thread, broadcast: false, edits: 0, files: [{ id: upload.id, title: String(title) }] };
  // No key: a message with a file carries no metadata of ours.
  messages.push({ ts: space.nextTs(), key: null, ...shared });
  return { ok: true, files: [{ id: upload.id, title }] };
}

function invalid(why: string): Answer {
  return no('invalid_arguments', [why]);
}
