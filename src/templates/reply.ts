// The answer to a wish, for the person who uttered it.

import { formatBytes } from '../core/bytes.ts';
import { isPass } from '../core/check.ts';
import { formatDuration } from '../core/time.ts';
import type { Answer, EnvironmentStatus, Plan, Reply } from '../core/wish.ts';
import { type Line, type Message, message } from './message.ts';
import { evidenceLine, measureLine, rollbackAction, utc } from './phrases.ts';
import { replayMessage } from './replay.ts';

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
      return message('info', 'Status', { lines: answer.environments.flatMap(statusLines) });
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

function statusLines(status: EnvironmentStatus): readonly Line[] {
  const { environment, live, lock, openJobs, watch, lastBackup } = status;
  const lines: Line[] = [
    live === null
      ? [{ strong: environment }, ': nothing is live that was deployed from here']
      : [
          { strong: environment },
          ': ',
          { strong: live.tag },
          ` (${live.commit.slice(0, 10)}) in ${live.slot}, live since `,
          { time: live.liveAt },
        ],
  ];
  if (live !== null)
    lines.push([live.rollbackTag === null ? '    nothing to go back to' : `    goes back to ${live.rollbackTag} (${live.rollbackBackup})`]);
  if (lock !== null) lines.push([`    held by ${lock.by.name}: ${lock.reason}, since `, { time: lock.since }]);
  for (const job of openJobs)
    if (job.name !== 'monitor' && job.name !== 'arm')
      lines.push([
        `    ${job.name} ${job.requestId}: ${job.state}${job.step === null ? '' : `, step ${job.step}`}${job.waitReason === null ? '' : ` (${job.waitReason})`}`,
      ]);
  if (watch !== null)
    lines.push([
      `    watched until `,
      { time: watch.until },
      `, ${watch.checks} checks, ${watch.breached.length === 0 ? 'no breach' : `in breach: ${watch.breached.join(', ')}`}`,
    ]);
  lines.push(
    lastBackup === null ? ['    no verified backup'] : [`    last verified backup ${lastBackup.file} of `, { time: lastBackup.createdAt }],
  );
  return [...lines, ...gateLines(status)];
}

/** The last gates: the measured values where all is well, the ones that are not by name and with their hint. */
function gateLines({ checklist, measured }: EnvironmentStatus): readonly Line[] {
  const lines: Line[] = [];
  if (checklist !== null) {
    const good = checklist.evidence.filter(isPass).length;
    lines.push([`    last checklist, ${checklist.tag}: ${good} of ${checklist.evidence.length} pass, `, { time: checklist.at }]);
    lines.push(...checklist.evidence.map((evidence): Line => ['        ', ...evidenceLine(evidence)]));
  }
  if (measured !== null && measured.measures.length > 0) {
    lines.push(['    last measured ', { time: measured.at }]);
    lines.push(...measured.measures.map((measure): Line => ['        ', ...measureLine(measure)]));
  }
  return lines;
}

function planMessage(plan: Plan): Message {
  const ready = plan.evidence.every(({ result }) => result.kind === 'pass');
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
