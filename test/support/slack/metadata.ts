// Message metadata: a name and a flat payload, small.

import { type Answer, type Args, at, nested, no, type Workspace } from './workspace.ts';

const NAME = /^[a-z][a-z0-9_]*$/;

export function metadataError(space: Workspace, args: Args): Answer | null {
  if (args['metadata'] === undefined) return null;
  const metadata = nested(args['metadata']);
  const [type, payload] = [at(metadata, 'event_type'), at(metadata, 'event_payload')];
  if (typeof type !== 'string' || typeof payload !== 'object' || payload === null) return no('invalid_metadata_format');
  if (!NAME.test(type) || !Object.entries(payload).every(([name, value]) => NAME.test(name) && isPlain(value)))
    return no('invalid_metadata_schema');
  return Buffer.byteLength(JSON.stringify(metadata)) > space.unverified.metadataBytes ? no('metadata_too_large') : null;
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
