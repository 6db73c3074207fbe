// The answer to a wish, for the person who uttered it.

import { formatBytes } from '../core/bytes.ts';
import { hinders } from '../core/check.ts';
import { formatDuration } from '../core/time.ts';
import type { Answer, Plan, Reply } from '../core/wish.ts';
import { type Line, type Message, message } from './message.ts';
import { evidenceLine, rollbackAction, utc } from './phrases.ts';
import { replayMessage } from './replay.ts';
import { statusMessage } from './status.ts';

export function replyMessage(reply: Reply): Message {
  switch (reply.kind) {
    case 'accepted':
      return message('good', reply.note, { footer: [`${reply.request.id} - its card tells the rest`] });
    case 'done':
      return message('good', reply.note);
    case 'refused':
      return message('warn', reply.message, { lines: reply.hint === null ? [] : [[reply.hint]], footer: [`reason: ${reply.reason}`] });
    case 'confirm': {
      const { offer, environment } = reply;
      return message('warn', `Roll ${environment} back from ${offer.fromTag} to ${offer.toTag}?`, {
        facts: [
          { label: 'Backup', value: [{ code: offer.backup }] },
          { label: 'Made', value: [{ time: offer.backupAt }] },
          { label: 'Verified', value: offer.verifiedAt === null ? ['not yet: it is verified first'] : [{ time: offer.verifiedAt }] },
          { label: 'Promised within', value: [formatDuration(reply.targetMs)] },
        ],
        lines: [[reply.dataNote]],
        actions: [rollbackAction(offer, environment, '', { flags: reply.flags, dataNote: reply.dataNote, now: null })],
        footer: ['Nothing has happened yet.'],
      });
    }
    case 'answered':
      return answerMessage(reply.answer);
  }
}

function answerMessage(answer: Answer): Message {
  switch (answer.kind) {
    case 'help':
      return message('info', 'What you can say', {
        lines: answer.commands.map(({ usage, summary }): Line => [{ code: `/dhash ${usage}` }, ` ${summary}`]),
      });
    case 'status':
      return statusMessage(answer.environments);
    case 'history':
      return message('info', `The last requests in ${answer.environment}`, {
        lines:
          answer.requests.length === 0
            ? [['Nothing was asked yet.']]
            : answer.requests.map(
                ({ id, kind, tag, by, at, state }): Line => [
                  { code: id },
                  ` ${kind} ${tag ?? ''} by ${by.name} `,
                  { time: at },
                  ': ',
                  { strong: state },
                ],
              ),
      });
    case 'backups':
      return message('info', `Backups of ${answer.environment}, newest first`, {
        lines:
          answer.backups.length === 0
            ? [['None yet: /dhash backup create']]
            : answer.backups.map(
                ({ file, bytes, verifiedAt, pinned }): Line => [
                  { code: file },
                  ` ${formatBytes(bytes)}, ${verifiedAt === null ? 'not verified' : `verified ${utc(verifiedAt)}`}${pinned ? ', pinned' : ''}`,
                ],
              ),
      });
    case 'health':
      return message(answer.ok ? 'good' : 'bad', `${answer.environment}: ${answer.ok ? 'healthy' : 'NOT healthy'}`, {
        lines: [[answer.detail]],
      });
    case 'replay':
      return replayMessage(answer.environment, answer.watches);
    case 'plan':
      return planMessage(answer.plan);
  }
}

function planMessage(plan: Plan): Message {
  const ready = !plan.evidence.some(hinders);
  return message(ready ? 'good' : 'warn', `Dry run: ${plan.tag} to ${plan.environment}. Nothing was changed`, {
    facts: [
      { label: 'Now live', value: [plan.fromTag ?? 'nothing'] },
      { label: 'Commit', value: [{ code: plan.commit.slice(0, 12) }] },
      { label: 'Rollback target', value: [plan.rollbackTo] },
      { label: 'Seats', value: [seatsText(plan)] },
      { label: 'Takes about', value: [plan.etaMs === null ? 'unknown: it has not been deployed here yet' : formatDuration(plan.etaMs)] },
    ],
    lines: plan.evidence.map(evidenceLine),
    steps: plan.steps.map(({ title }) => ({ title, state: 'todo', note: null })),
    footer: [`To ask for it: /dhash deploy ${plan.tag} ${plan.environment}`],
  });
}

function seatsText({ seats }: Plan): string {
  const ops = seats.filter(({ wants }) => wants === 'ops').length;
  return seats.length === 0
    ? 'none needed: it would start at once'
    : `${seats.length} people, ${ops} of them from Ops/SRE, not the requester`;
}
