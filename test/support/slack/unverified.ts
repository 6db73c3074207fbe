// What nobody outside Slack knows for certain. Each is a switch, and what depends on it is tested both ways.

export interface Unverified {
  /** How many times an envelope that was not acked within three seconds comes again over a socket. */
  readonly socketRetries: number;
  /** Whether a command or a click that was not acked comes again over HTTP, as events do. */
  readonly httpRedeliversClicks: boolean;
  /** What the limits of texts count. */
  readonly unit: 'utf16' | 'codepoints';
  readonly metadataBytes: number;
  /** How many times a minute's worth of calls may come in one burst. */
  readonly burst: number;
  /** What is said where a thread was deleted. */
  readonly goneThread: 'thread_not_found' | 'cannot_reply_to_message';
  readonly triggerErrors: 'expired_trigger_id' | 'trigger_expired';
  /** In which form a response URL says no. */
  readonly responseUrlErrors: 'json' | 'text';
}

export const USUAL: Unverified = {
  socketRetries: 1,
  httpRedeliversClicks: false,
  unit: 'utf16',
  metadataBytes: 8_000,
  burst: 2,
  goneThread: 'thread_not_found',
  triggerErrors: 'expired_trigger_id',
  responseUrlErrors: 'json',
};

/** The other answer to every open question. */
export const OTHERWISE: Unverified = {
  socketRetries: 3,
  httpRedeliversClicks: true,
  unit: 'codepoints',
  metadataBytes: 500,
  burst: 1,
  goneThread: 'cannot_reply_to_message',
  triggerErrors: 'trigger_expired',
  responseUrlErrors: 'text',
};
