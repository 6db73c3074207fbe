// One command typed in a shell: the same way in as Slack's, its answer printed, its work followed to the end.

import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/ports.ts';
import type { StoreReader } from '../core/store.ts';
import type { RawRequest, Reply } from '../core/wish.ts';
import type { Message } from '../templates/message.ts';
import { messageText } from '../templates/text.ts';
import { EXIT, type ExitCode, exitOfReply, exitOfRequest, exitOfWatch } from './exit.ts';
import { follow } from './follow.ts';
import type { Output } from './output.ts';

export interface ShellOptions {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly actor: Actor;
  readonly handle: (raw: RawRequest) => Promise<Reply>;
  readonly word: (reply: Reply) => Message;
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly output: Output;
  readonly dedupeKey: string;
  /** Carries the request's jobs in this process when no worker lives; answers whether it does. */
  readonly carry: (requestId: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export async function runShellCommand(options: ShellOptions): Promise<ExitCode> {
  const { actor, words, output, json, clock, word } = options;
  const reply = await options.handle({ actor, wish: { kind: 'words', text: words }, channel: null, dedupeKey: options.dedupeKey });
  if (reply.kind !== 'accepted') {
    print(options, reply);
    return exitOfReply(reply);
  }
  if (!json) for (const line of messageText(word(reply), clock.now())) output.line(line);
  const carriedHere = await options.carry(reply.request.id);
  const quiet: Output = { ...output, line: () => {}, current: () => {} };
  const ended = await follow({ ...options, output: json ? quiet : output, requestId: reply.request.id, untilWatchEnds: carriedHere });
  if (json) output.line(JSON.stringify({ reply, request: ended, events: await options.store.eventsOf(reply.request.id) }));
  if (ended === null) {
    output.trouble(`${reply.request.id} goes on: it is in the database, and the next worker carries it. See it with: bin/dhash status`);
    return EXIT.failed;
  }
  if (!json && !carriedHere && reply.request.kind === 'deploy' && ended.state === 'succeeded')
    output.line('The watch goes on: bin/dhash status');
  if (reply.request.kind === 'monitor' && ended.state === 'succeeded')
    return exitOfWatch(await options.store.eventsOf(ended.id, ['monitor.ended']));
  return exitOfRequest(ended.state);
}

function print({ json, output, word, clock }: ShellOptions, reply: Reply): void {
  if (json) {
    output.line(JSON.stringify(reply));
    return;
  }
  const lines = messageText(word(reply), clock.now());
  for (const line of lines) (reply.kind === 'refused' ? output.trouble : output.line)(line);
}
