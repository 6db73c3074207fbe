// E-mail over SMTP. One message, one recipient, one connection; the Message-ID follows from the key, so a copy is known as one.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Transporter } from 'nodemailer';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-transport';
import { z } from 'zod';
import type { DurationMs } from '../core/time.ts';
import { again, LATER_MS, type Sender, type SendOutcome, short } from './outcome.ts';

const content = z.object({ to: z.string(), thread: z.string(), subject: z.string(), text: z.string(), html: z.string() });

export interface MailSenderOptions {
  /** SMTP_URL, with its password: handed to the library and to nothing else. */
  readonly url: string;
  readonly from: string;
  readonly timeoutMs: DurationMs;
}

type Transport = Transporter<SentMessageInfo>;

export function createMailSender(options: MailSenderOptions): Sender {
  let made: Promise<Transport> | null = null;
  /** Messages of which a byte has left: whatever happens to one before that, it has certainly not arrived. */
  const begun = new Set<string>();
  return {
    idempotent: false,
    send: async ({ key, content: json }) => {
      const mail = content.safeParse(json);
      if (!mail.success) return { kind: 'refused', code: 'content-is-no-mail', detail: '' };
      const { to, thread, subject, text, html } = mail.data;
      const id = messageId(key, options.from);
      begun.delete(id);
      try {
        made ??= connectLater(options, begun);
        const transport = await made;
        await transport.sendMail({
          from: options.from,
          to,
          subject,
          text,
          html,
          messageId: id,
          references: messageId(`thread:${thread}`, options.from),
          inReplyTo: messageId(`thread:${thread}`, options.from),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return { kind: 'sent' };
      } catch (thrown) {
        return judge(thrown, begun.has(id));
      } finally {
        begun.delete(id);
      }
    },
    close: () => {
      void made?.then((transport) => transport.close());
    },
  };
}

/** A stable name for this very message, in the sender's domain. */
export function messageId(key: string, from: string): string {
  const domain = /@([^\s@<>]+?)>?\s*$/.exec(from)?.[1] ?? 'dhash-ops.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
}

/** The library is loaded with the first e-mail, not with the bot. */
async function connectLater({ url, timeoutMs }: MailSenderOptions, begun: Set<string>): Promise<Transport> {
  const { createTransport } = await import('nodemailer');
  const { username, hostname, protocol } = new URL(url);
  const near = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // A password must not travel in the clear, whatever the server offers.
    requireTLS: username !== '' && protocol === 'smtp:' && !near,
  });
  // The library reads a message only once the server has said "go on" to DATA.
  transport.use('stream', (mail, done) => {
    const build = mail.message.createReadStream.bind(mail.message);
    mail.message.createReadStream = () => Readable.from(noting(() => begun.add(mail.message.messageId()), build()));
    done();
  });
  return transport;
}

async function* noting(first: () => void, stream: Readable): AsyncGenerator<Buffer> {
  first();
  yield* stream;
}

function judge(thrown: unknown, begun: boolean): SendOutcome {
  const code = textAt(thrown, 'code') ?? 'unknown';
  const detail = textAt(thrown, 'response') ?? (thrown instanceof Error ? thrown.message : '');
  const status = numberAt(thrown, 'responseCode');
  const command = textAt(thrown, 'command') ?? '';
  const aboutMessage = ['MAIL FROM', 'RCPT TO', 'DATA'].includes(command);
  if (status !== null && status >= 400) {
    const named = `smtp-${status}`;
    // Only what is said about this message is about this message; a login that is refused can be mended.
    if (status >= 500 && aboutMessage) return { kind: 'refused', code: named, detail: short(detail) };
    return again(named, detail, status < 500 ? { patienceMs: LATER_MS } : {});
  }
  return begun ? { kind: 'maybe', code, detail: short(detail) } : again(code, detail);
}

function textAt(value: unknown, key: string): string | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return typeof found === 'string' ? found : null;
}

function numberAt(value: unknown, key: string): number | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return typeof found === 'number' ? found : null;
}
