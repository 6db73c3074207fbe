// What the thread is told: changes, each once. Breach, rollback and end are told to the channel as well.

import type { EventOf, StoredEvent } from '../core/event.ts';
import { formatDuration } from '../core/time.ts';
import { counted } from '../core/units.ts';
import { alertNews } from './alert.ts';
import { subject } from './card.ts';
import { deliveryNews } from './delivery-news.ts';
import { type Line, loud, type Message, message, quiet, type ThreadNews } from './message.ts';
import { ackAction, evidenceLine, failureLines, measureLine, tPlus, trafficPhrase } from './phrases.ts';
import { isSide, type RequestView, takesBack } from './view.ts';
import { isStuck, wentBack } from './view-steps.ts';
import { moreWatchNews, reportAction } from './watch-news.ts';

/** null = the card says enough. */
export function threadNews(told: StoredEvent, view: RequestView): ThreadNews | null {
  const who = told.actor?.name ?? 'the bot';
  switch (told.type) {
    case 'checklist.judged':
      return told.data.passed
        ? null
        : quiet(message('bad', 'The checklist does not pass', { lines: told.data.evidence.map(evidenceLine) }));
    case 'approval.given':
      return quiet(message('info', `${who} approved${told.data.ops ? ' (Ops/SRE)' : ''}`));
    case 'approvals.filled':
      return quiet(message('good', 'All approvals are in: it starts'));
    case 'approvals.voided':
      return quiet(
        message('warn', 'The approvals are void, because something moved', {
          lines: told.data.moved.map(({ what, from, to }): Line => [{ strong: what }, ` was ${from}, is ${to}`]),
        }),
      );
    case 'request.rejected':
      return quiet(message('warn', `${who} rejected it`, { lines: [[told.data.reason]] }));
    case 'request.expired':
      return quiet(message('warn', `It expired with ${told.data.filled} of ${told.data.required} approvals`));
    case 'cancel.asked':
      return quiet(message('warn', `Being stopped: ${told.data.reason}`));
    case 'lock.seized':
      return told.data.from === ''
        ? null
        : quiet(message('warn', `Took ${view.environment} over from ${told.data.from} (${told.data.fromReason})`));
    case 'job.resumed':
      return told.data.found === 'not-started' || isSide(view, told)
        ? null
        : quiet(
            message('info', `The bot was restarted in the step "${titleOf(view, told.data.step)}"`, {
              lines: [[foundSentence(told.data.found)]],
            }),
          );
    case 'step.failed':
      return stepFailed(told, view);
    case 'job.turned-back':
      if (!takesBack(view, told)) return null;
      return quiet(
        message('bad', wentBack({ ...view, turnedBack: true }) ? 'Going back by itself' : 'Undoing what was begun', {
          lines: [[`Because: ${told.data.because}`]],
        }),
      );
    case 'backup.created':
      return quiet(message('info', `Backup ${told.data.file}`, { lines: [[`sha256 `, { code: told.data.sha256 }]] }));
    case 'traffic.switched':
      return quiet(message('info', `Traffic goes to ${told.data.to} (${told.data.toTag}) now`));
    case 'traffic.measured':
      return quiet(measured(told));
    case 'service.restarted':
      return restarted(told);
    case 'smoke.judged':
      return told.data.passed
        ? null
        : quiet(
            message('bad', 'Smoke tests failed', {
              lines: told.data.results.filter(({ passed }) => !passed).map(({ name, detail }): Line => [{ strong: name }, `: ${detail}`]),
            }),
          );
    case 'version.live':
    case 'request.ended':
      return ended(told, view);
    default:
      return watchNews(told, view);
  }
}

function watchNews(told: StoredEvent, view: RequestView): ThreadNews | null {
  switch (told.type) {
    case 'monitor.started':
      return quiet(
        message('info', `Watching ${told.data.tag}`, {
          lines: [['Until ', { time: told.data.until }, `, every ${formatDuration(told.data.intervalMs)}.`]],
          actions: [reportAction(view)],
        }),
      );
    case 'monitor.updated':
      return quiet(
        message(told.data.verdict === 'healthy' ? 'good' : 'warn', `${tPlus(told.data.offsetMs)}: ${told.data.verdict}`, {
          lines: [...told.data.measures.map(measureLine), [`${formatDuration(told.data.remainingMs)} of the watch left.`]],
        }),
      );
    case 'monitor.recovered':
      return quiet(message('good', `Recovered: ${told.data.gate} is ${told.data.value} (${told.data.passes} good checks in a row)`));
    case 'monitor.ended':
      return loud(watchEnded(told, view));
    default:
      return moreWatchNews(told, view) ?? alertNews(told, view) ?? deliveryNews(told);
  }
}

function ended(told: EventOf<'version.live'> | EventOf<'request.ended'>, view: RequestView): ThreadNews | null {
  if (told.type === 'version.live') return null;
  const { state, why } = told.data;
  const traffic = view.traffic === null ? null : `${trafficPhrase(view.traffic)} during the switch`;
  if (state === 'succeeded') {
    // Louder than a failure: somebody has to say that they have seen it.
    const rolledBack = view.kind === 'rollback';
    const lines: Line[] = [
      ...(traffic === null ? [] : [[traffic]]),
      ...(view.jobEnded === null
        ? []
        : [
            [
              `It took ${formatDuration(view.jobEnded.durationMs)}${view.kind === 'rollback' ? ', promised are 10 minutes (5 in an emergency)' : ''}.`,
            ],
          ]),
    ];
    const title =
      view.kind === 'deploy'
        ? `${view.tag} is live in ${view.environment}`
        : view.kind === 'rollback'
          ? `${view.environment} is rolled back: ${view.tag} is live`
          : `${subject(view)}: done`;
    return {
      content: rolledBack
        ? message('warn', title, { lines, actions: [ackAction(view.id, view.environment, null)] })
        : message('good', title, { lines }),
      broadcast: view.kind === 'deploy' || view.kind === 'rollback',
    };
  }
  if (state === 'failed') {
    const hint = view.failure?.hint ?? null;
    return loud(
      message('bad', `${subject(view)} failed`, {
        lines: [
          [why],
          ...(hint === null ? [] : [[{ strong: 'What to do:' }, ' ', hint]]),
          ...(traffic === null ? [] : [[traffic]]),
          [liveSentence(view)],
        ],
      }),
    );
  }
  return {
    content: message('warn', `${subject(view)}: ${state}`, { lines: view.why === null ? [] : [[view.why]] }),
    broadcast: view.kind === 'deploy' || view.kind === 'rollback',
  };
}

function liveSentence(view: RequestView): string {
  if (isStuck(view)) return `Going back failed as well: look at ${view.environment} now.`;
  return wentBack(view) ? `${view.environment} is back on the version before it.` : `${view.environment} was not touched.`;
}

function stepFailed(told: EventOf<'step.failed'>, view: RequestView): ThreadNews {
  const { failure, retrying, attempt } = told.data;
  const title = `"${titleOf(view, failure.step)}" failed${retrying ? ` (attempt ${attempt}), trying again` : ''}`;
  return quiet(message(retrying ? 'warn' : 'bad', title, { lines: failureLines(view.id, failure), tail: failure.tail.slice(-20) }));
}

function restarted({ data }: EventOf<'service.restarted'>): ThreadNews {
  if (data.ok)
    return quiet(message('warn', `The service in ${data.slot} (${data.tag}) had gone, and was started again`, { lines: [[data.detail]] }));
  return loud(message('bad', `The service in ${data.slot} (${data.tag}) is gone and does not start`, { lines: [[data.detail]] }));
}

function measured({ data }: EventOf<'traffic.measured'>): Message {
  const gap = data.interrupted ? ' The bot was restarted in between, so there is a gap in the count.' : '';
  const first = data.firstFailure === null ? [] : [[`First failure: ${data.firstFailure}`]];
  return message(data.failed === 0 ? 'good' : 'warn', `${trafficPhrase(data)} while traffic moved`, {
    lines: [...first, ...(gap === '' ? [] : [[gap]])],
  });
}

function watchEnded({ data }: EventOf<'monitor.ended'>, view: RequestView): Message {
  const tag = view.watch?.tag ?? view.tag ?? 'the version';
  const lines: Line[] = [
    [`${counted(data.checks, 'check')}, ${counted(data.breaches, 'breach', 'breaches')}.`],
    ...data.measures.map(measureLine),
  ];
  if (data.verdict === 'certified') return message('good', `${tag} is officially successful in ${view.environment}: certified`, { lines });
  if (data.verdict === 'superseded') return message('info', `The watch of ${tag} ended: it is not live any more`, { lines: [[data.why]] });
  return message('warn', `${tag} is NOT certified in ${view.environment}`, { lines: [[`Why: ${data.why}`], ...lines] });
}

function titleOf(view: RequestView, step: string): string {
  return view.steps.find(({ name }) => name === step)?.title ?? step;
}

function foundSentence(found: 'rerun' | 'done' | 'again'): string {
  if (found === 'done') return 'The host shows that it was done: going on.';
  return found === 'rerun' ? 'It is safe to run again, and is.' : 'The host shows that it was not done: doing it now.';
}
