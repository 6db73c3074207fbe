import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import type { Json } from '../../src/core/json.ts';
import type { NewOutboxEntry } from '../../src/core/mailbox.ts';
import type { RawRequest, Reply } from '../../src/core/wish.ts';
import { keepPayload } from '../../src/slack/payload.ts';
import { createInboxWorker } from '../../src/slack/work-inbox.ts';
import type { OpenStore } from '../../src/store/open.ts';
import { message } from '../../src/templates/message.ts';
import { testClock } from '../support/clock.ts';
import { buttonClick, slashCommand } from '../support/slack/sender.ts';
import { keptLog, storeFolder } from '../support/slack/world.ts';

const clock = testClock();
const DONE: Reply = { kind: 'done', note: 'noted', requestId: null };
let folder: ReturnType<typeof storeFolder>;
let opened: OpenStore;
let log = keptLog();
let stop = new AbortController();

beforeEach(() => {
  folder = storeFolder();
  opened = folder.open(clock.now);
  log = keptLog();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await clock.later(60_000);
  opened.close();
  folder.remove();
});

function work(handle: (raw: RawRequest) => Promise<Reply>, failing: { times: number } = { times: 0 }): void {
  const outbox = {
    enqueue: async (entries: readonly NewOutboxEntry[]) => {
      if (failing.times > 0) {
        failing.times -= 1;
        throw new Error('disk full');
      }
      return opened.outbox.enqueue(entries, null);
    },
  };
  const worker = createInboxWorker({
    inbox: opened.inbox,
    outbox,
    handle,
    word: (reply) => message('good', reply.kind === 'done' ? reply.note : reply.kind),
    clock,
    log,
    dialogs: { opening: new Set(), lost: new Set() },
    onReply: () => {},
  });
  void worker.run(stop.signal);
}

async function receive(key: string, kind: 'command' | 'action' | 'view', body: Json): Promise<void> {
  await opened.inbox.receive({ key, at: clock.now(), payload: keepPayload(kind, body) });
}

async function replies(): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const channel of await opened.outbox.channels()) {
    for (let head = await opened.outbox.head(channel); head !== null; head = await opened.outbox.head(channel)) {
      texts.push(`${head.key} ${JSON.stringify(head.to)} ${JSON.stringify(head.content)}`);
      await opened.outbox.fail(head.id, 'read by the test');
    }
  }
  return texts;
}

const click = (verb: string, value: object | string) => {
  const body: Json = JSON.parse(JSON.stringify(buttonClick(verb, value)));
  return body;
};

describe('what was received', () => {
  it('is worked off in order', async () => {
    const seen: string[] = [];
    for (const key of ['one', 'two', 'three']) await receive(key, 'command', slashCommand());
    work(async ({ dedupeKey }) => {
      seen.push(dedupeKey);
      return DONE;
    });
    await clock.later(1_000);
    expect(seen).toEqual(['one', 'two', 'three']);
    expect((await replies()).map((reply) => reply.split(' ')[0])).toEqual(['reply:one', 'reply:two', 'reply:three']);
    expect(await opened.inbox.pending(10)).toEqual([]);
  });

  it('is worked off again after a crash between the answer and the mark, with the same key and one answer', async () => {
    const keys: string[] = [];
    await receive('one', 'command', slashCommand());
    await opened.outbox.enqueue(
      [{ key: 'reply:one', channel: 'C0OPS', to: { kind: 'ephemeral', user: 'U0ALICE' }, content: null, at: clock.now() }],
      null,
    );
    work(async ({ dedupeKey }) => {
      keys.push(dedupeKey);
      return DONE;
    });
    await clock.later(1_000);
    expect(keys).toEqual(['one']);
    expect(await replies()).toHaveLength(1);
  });
});

describe('when something goes wrong', () => {
  it('a wish that hangs keeps nobody else waiting', async () => {
    const done: string[] = [];
    for (const key of ['hangs', 'rollback']) await receive(key, 'command', slashCommand());
    work(async ({ dedupeKey }) => {
      if (dedupeKey === 'hangs') return new Promise(() => {});
      done.push(dedupeKey);
      return DONE;
    });
    await clock.later(1_000);
    expect(done).toEqual(['rollback']);
  });

  it('answers with the code, message and hint of an error written for people', async () => {
    await receive('one', 'command', slashCommand());
    work(() => Promise.reject(new BotError({ code: 'disk-full', message: 'The disk is full.', hint: 'Free some space.' })));
    await clock.later(1_000);
    const [reply] = await replies();
    for (const words of ['disk-full', 'The disk is full.', 'Free some space.', 'Look in the log']) expect(reply).toContain(words);
    expect(await opened.inbox.pending(10)).toEqual([]);
  });

  it('shows only a code for any other error, and logs it', async () => {
    await receive('one', 'command', slashCommand());
    work(() => Promise.reject(new Error('password=hunter2')));
    await clock.later(1_000);
    const [reply] = await replies();
    expect(reply).toContain('unexpected');
    expect(reply).not.toContain('hunter2');
    expect(log.lines).toMatchObject([{ level: 'error', facts: { code: 'unexpected', key: 'one' } }]);
  });

  it('answers after 30 s when the bot does not', async () => {
    await receive('one', 'command', slashCommand());
    await receive('two', 'command', slashCommand());
    work(({ dedupeKey }) => (dedupeKey === 'one' ? new Promise(() => {}) : Promise.resolve(DONE)));
    await clock.later(31_000);
    const [quick, late] = await replies();
    expect(quick).toContain('noted');
    expect(late).toContain('answer-timed-out');
  });

  it.each<[string, Json]>([
    ['no object', 'nonsense'],
    ['a click without a button', { kind: 'action', body: { user: { id: 'U0ALICE' }, channel: { id: 'C0OPS' } } }],
    ['a person whose id is no id', { kind: 'command', body: { ...slashCommand(), user_id: '<!channel>' } }],
    ['a dialog that is not ours', { kind: 'view', body: { user: { id: 'U0ALICE' }, view: { callback_id: 'other' } } }],
  ])('is not held up by %s', async (_, payload) => {
    await opened.inbox.receive({ key: 'poison', at: clock.now(), payload });
    await receive('good', 'command', slashCommand());
    work(async () => DONE);
    await clock.later(1_000);
    expect((await replies()).at(-1)).toContain('reply:good');
    expect(await opened.inbox.pending(10)).toEqual([]);
    expect(log.lines).toMatchObject([{ facts: { code: 'unreadable-payload', key: 'poison' } }]);
  });

  it.each([
    ['a button that is no longer known', click('explode', { request: 'd-1', expect: null, environment: 'production' })],
    ['a value that is not JSON', click('approve', 'd-1')],
    ['a value of another version', click('approve', { id: 'd-1' })],
  ])('tells the person about %s', async (_, body) => {
    await receive('one', 'action', body);
    work(async () => DONE);
    await clock.later(1_000);
    expect(await replies()).toMatchObject([expect.stringContaining('did not understand')]);
  });

  it('keeps an item whose answer cannot be stored, and works off the others meanwhile', async () => {
    await receive('one', 'command', slashCommand());
    await receive('two', 'command', slashCommand());
    work(async () => DONE, { times: 1 });
    await clock.later(100);
    expect((await opened.inbox.pending(10)).map(({ key }) => key)).toEqual(['one']);
    await clock.later(5_000);
    expect(await opened.inbox.pending(10)).toEqual([]);
    expect(await replies()).toHaveLength(2);
  });

  it('says what to type when the process that was opening a dialog died', async () => {
    await receive('one', 'action', click('reject', { request: 'd-1', expect: null, environment: 'production' }));
    work(async () => DONE);
    await clock.later(5_000);
    expect(await replies()).toEqual([]);
    await clock.later(6_000);
    expect(await replies()).toMatchObject([expect.stringContaining('/dhash reject d-1 REASON')]);
  });
});
