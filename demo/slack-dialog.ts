// Filling in a dialog: local-slack takes that only from its page's WebSocket.

import { z } from 'zod';
import { BotError } from '../src/core/error.ts';

const input = z.object({
  type: z.string(),
  block_id: z.string().optional(),
  element: z.object({ type: z.string(), action_id: z.string() }).optional(),
});
const view = z.object({ blocks: z.array(input).default([]) });
const frame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('init'), state: z.object({ modalStack: z.array(view) }) }),
  z.object({ t: z.literal('view'), stack: z.array(view) }),
  z.object({ t: z.literal('view_errors'), errors: z.record(z.string(), z.string()) }),
]);

/** Waits for a dialog, gives each named block its text, submits; answers the errors the dialog shows, {} when it closed. */
export function submitDialog(
  url: string,
  dialog: { readonly user: string; readonly values: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<Readonly<Record<string, string>>> {
  const { user, values, timeoutMs } = dialog;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ui`);
    let submitted = false;
    const timer = setTimeout(() => end(() => reject(late(submitted))), timeoutMs);
    socket.addEventListener('error', () => end(() => reject(late(submitted))));
    socket.addEventListener('message', ({ data }) => {
      const read = frame.safeParse(JSON.parse(String(data)));
      if (!read.success) return;
      if (read.data.t === 'view_errors') {
        const { errors } = read.data;
        return submitted ? end(() => resolve(errors)) : undefined;
      }
      const top = (read.data.t === 'init' ? read.data.state.modalStack : read.data.stack).at(-1);
      if (submitted && top === undefined) return end(() => resolve({}));
      if (submitted || top === undefined) return;
      submitted = true;
      socket.send(JSON.stringify({ t: 'view_submit', user, values: filledIn(top, values) }));
    });

    function end(settle: () => void): void {
      clearTimeout(timer);
      socket.close();
      settle();
    }
  });
}

function filledIn(dialog: z.infer<typeof view>, values: Readonly<Record<string, string>>) {
  const filled = dialog.blocks.flatMap(({ block_id: block, element }) => {
    const value = block === undefined ? undefined : values[block];
    if (block === undefined || element === undefined || value === undefined) return [];
    return [[block, { [element.action_id]: { type: element.type, value } }] as const];
  });
  return Object.fromEntries(filled);
}

function late(submitted: boolean): BotError {
  const message = submitted ? 'The dialog neither closed nor showed an error.' : 'No dialog opened.';
  return new BotError({ code: 'demo-no-dialog', message, hint: null });
}
