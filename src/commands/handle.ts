// The one way in. Words or a click -> parse, authorise, act; every "no" is an answer, and is kept in the audit.

import type { Config } from '../core/config.ts';
import { event } from '../core/event.ts';
import type { Ports } from '../core/ports.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Store } from '../core/store.ts';
import { closest } from '../core/suggest.ts';
import type { RawRequest, Reply } from '../core/wish.ts';
import type { Button, Command, CommandContext } from './command.ts';
import { entitled } from './entitled.ts';
import { isRefusal } from './environment.ts';
import { COMMANDS } from './registry.ts';
import { parseWords, tokenize } from './words.ts';

export interface HandleParts {
  readonly config: Config;
  readonly store: Store;
  readonly ports: Ports;
}

export async function handle(parts: HandleParts, raw: RawRequest): Promise<Reply> {
  const reply = await answer(parts, raw);
  if (reply.kind === 'refused') await audit(parts, raw, reply);
  return reply;
}

async function answer(parts: HandleParts, raw: RawRequest): Promise<Reply> {
  if (raw.wish.kind === 'button') return press(parts, raw, raw.wish);
  const tokens = typeof raw.wish.text === 'string' ? tokenize(raw.wish.text) : raw.wish.text;
  if ('kind' in tokens) return tokens;
  const [verb = 'help', ...rest] = tokens;
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command === undefined) return unknownCommand(verb);
  // Help is parsed before anything acts: `rollback --help` takes no lock.
  if (rest.includes('--help'))
    return { kind: 'answered', answer: { kind: 'help', commands: [{ usage: command.usage, summary: command.summary }] } };
  const words = parseWords(rest, command.flags, `/dhash ${command.usage}`, command.words);
  if (isRefusal(words)) return words;
  const context = admit(parts, raw, command);
  return isRefusal(context) ? context : command.run(context, words);
}

async function press(parts: HandleParts, raw: RawRequest, button: Button): Promise<Reply> {
  const command = COMMANDS.find(({ name }) => name === button.verb);
  if (command?.press === undefined) return unknownCommand(button.verb);
  const context = admit(parts, raw, command);
  return isRefusal(context) ? context : command.press(context, button);
}

/** Right place and right person, or a refusal. */
function admit({ config, store, ports }: HandleParts, raw: RawRequest, command: Command): CommandContext | Refusal {
  const { actor } = raw;
  if (command.changes && actor.surface === 'slack' && raw.channel !== config.slack.channel) {
    return refuse(
      'wrong_channel',
      `"${command.name}" is only taken in <#${config.slack.channel}>`,
      `Say it there; "/dhash status" works everywhere.`,
    );
  }
  const allowed = entitled(actor, command.permission, config.people, ports.groups);
  if (allowed.kind === 'refused') return allowed;
  return { raw, actor, config, store, ports, now: ports.clock.now(), ops: allowed.ops };
}

function unknownCommand(verb: string): Refusal {
  const near = closest(
    verb,
    COMMANDS.map(({ name }) => name),
  );
  return refuse(
    'unknown_command',
    `"${verb.slice(0, 40)}" is not a command`,
    near === null ? 'All of them: /dhash help' : `Did you mean /dhash ${near}?`,
  );
}

async function audit({ store, ports }: HandleParts, raw: RawRequest, { reason, message }: Refusal): Promise<void> {
  const { wish } = raw;
  const text =
    wish.kind === 'button' ? `button ${wish.verb} ${wish.request}` : typeof wish.text === 'string' ? wish.text : wish.text.join(' ');
  const scope = { environment: wish.kind === 'button' ? wish.environment : null, requestId: null, jobId: null, actor: raw.actor };
  await store.commit([], [event(scope, 'command.refused', { text: text.slice(0, 500), reason, message })], ports.clock.now());
}
