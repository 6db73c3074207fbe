// An environment at a glance: one message each, the same in Slack, in the App Home and on a terminal.

import { hinders, tally } from '../core/check.ts';
import type { Contact, Run, Trend, Work } from '../core/glance.ts';
import { SHOWN_LINES } from '../core/output.ts';
import { formatDuration } from '../core/time.ts';
import type { EnvironmentStatus } from '../core/wish.ts';
import { type Action, type Fact, type Line, type Message, message, type Span, type Tone } from './message.ts';
import { ackAction, bar, cancelAction, evidenceLine, measureLine, rollbackAction, stopAction } from './phrases.ts';
import { sparkline } from './sparkline.ts';

/** With several environments each says less, and its buttons name it. */
const RUNS_OF_SEVERAL = 3;

export function statusMessage(environments: readonly EnvironmentStatus[]): Message {
  const [only] = environments;
  if (only !== undefined && environments.length === 1) return glanceMessage(only);
  const worst = environments.map(headline).toSorted((one, other) => WEIGHT[other.tone] - WEIGHT[one.tone])[0];
  return message(worst?.tone ?? 'info', 'Status', {
    lines: environments.flatMap((status): readonly Line[] => [
      [{ strong: headline(status).title }],
      ...facts(status).map(({ label, value }): Line => [`    ${label}: `, ...value]),
      ...indented([
        ...alarmLines(status),
        ...workLines(status),
        ...watchLines(status),
        ...gateLines(status, false),
        ...runLines(status, RUNS_OF_SEVERAL),
      ]),
    ]),
    actions: environments.flatMap((status) =>
      actions(status).map((action): Action => ({ ...action, label: `${action.label} (${status.environment})` })),
    ),
    footer: ['More of one: /dhash status ENVIRONMENT'],
  });
}

export function glanceMessage(status: EnvironmentStatus): Message {
  const { tone, title } = headline(status);
  return message(tone, title, {
    facts: facts(status),
    lines: [
      ...alarmLines(status),
      ...workLines(status),
      ...watchLines(status),
      ...gateLines(status, true),
      ...runLines(status, status.runs.length),
    ],
    tail: status.printing.flatMap(({ lines }) => lines).slice(-SHOWN_LINES),
    actions: actions(status),
    footer: footer(status),
  });
}

const WEIGHT: Readonly<Record<Tone, number>> = { info: 0, good: 1, waiting: 2, progress: 3, warn: 4, bad: 5 };

function headline({ environment, live, watch, work, alarms, unwritable }: EnvironmentStatus): {
  readonly tone: Tone;
  readonly title: string;
} {
  const now = live === null ? 'nothing is live that was deployed from here' : `${live.tag} is live`;
  if (alarms.countdown !== null) return { tone: 'bad', title: `${environment}: ${now}, ROLLS BACK BY ITSELF` };
  if (alarms.breached.length > 0) return { tone: 'bad', title: `${environment}: ${now}, IN BREACH: ${alarms.breached.join(', ')}` };
  if (alarms.blind.length > 0) return { tone: 'warn', title: `${environment}: ${now}, the watch is BLIND: ${alarms.blind.join(', ')}` };
  const [first] = work;
  if (first?.direction === 'back') return { tone: 'bad', title: `${environment}: ${now}, ${subject(first)} is going back` };
  if (first !== undefined)
    return { tone: first.state === 'waiting' ? 'waiting' : 'progress', title: `${environment}: ${now}, ${subject(first)} ${first.state}` };
  if (unwritable.length > 0) return { tone: 'bad', title: `${environment}: ${now}, but a folder CANNOT BE WRITTEN` };
  return { tone: live === null ? 'info' : 'good', title: `${environment}: ${now}${watch === null ? '' : ', being watched'}` };
}

function subject({ name, tag }: Work): string {
  return tag === null ? name : `${name} of ${tag}`;
}

function facts(status: EnvironmentStatus): readonly Fact[] {
  const { live, by, offer, lock, lastBackup, contacts, at } = status;
  const rows: (Fact | null)[] = [
    live === null
      ? null
      : {
          label: 'Live',
          value: [
            { strong: live.tag },
            ` (${live.commit.slice(0, 10)}) in ${live.slot} since `,
            { time: live.liveAt },
            by === null ? '' : `, asked for by ${by}`,
          ],
        },
    live === null
      ? null
      : { label: 'Goes back to', value: offer === null ? ['nothing: no backup is pinned'] : [offer.toTag, ' ', { code: offer.backup }] },
    {
      label: 'Last verified backup',
      value:
        lastBackup === null
          ? [{ strong: 'none' }, ': /dhash backup create']
          : [{ code: lastBackup.file }, ` ${formatDuration(Math.max(0, at - lastBackup.createdAt))} old`],
    },
    lock === null
      ? { label: 'Lock', value: ['free'] }
      : { label: 'Lock', value: [`held by ${lock.by.name}: ${lock.reason}, since `, { time: lock.since }] },
    contacts.length === 0 ? null : { label: 'Call', value: contacts.flatMap(contactSpans) },
  ];
  return rows.filter((row) => row !== null);
}

function contactSpans({ role, id }: Contact, index: number): readonly Span[] {
  const who: Span = id.startsWith('S') ? { group: id, name: role } : { person: id, name: id };
  return [`${index === 0 ? '' : ', '}${role} `, who];
}

function workLines({ work }: EnvironmentStatus): readonly Line[] {
  return work.flatMap((one): readonly Line[] => {
    const { requestId, by, state, title, done, of, etaAt, waitsFor, direction } = one;
    const way = direction === 'back' ? 'going back' : state;
    return [
      [{ strong: `${subject(one)}: ${way}` }, ' ', { code: requestId }, ` by ${by}`],
      [
        { code: bar(of === 0 ? 0 : done / of) },
        ` ${done} of ${of}${title === null ? '' : `, now: ${title}`}${waitsFor === null ? '' : ` (${waitsFor})`}`,
        ...(etaAt === null ? [] : [', ends about ', { time: etaAt }]),
      ],
    ];
  });
}

function alarmLines({ unwritable, alarms: { countdown, snoozedUntil, waiting }, at }: EnvironmentStatus): readonly Line[] {
  const lines: Line[] = unwritable.map(({ message: what, hint }): Line => [{ strong: what }, `. ${hint}`]);
  if (countdown !== null)
    lines.push([
      { strong: `Rule ${countdown.rule}: ${countdown.fromTag} is rolled back in ${formatDuration(Math.max(0, countdown.until - at))}` },
      ', at ',
      { time: countdown.until },
    ]);
  if (snoozedUntil !== null) lines.push(['Snoozed until ', { time: snoozedUntil }]);
  if (waiting.length > 0) lines.push([{ strong: 'Nobody has acknowledged it yet' }, `: ${waiting.join(', ')}`]);
  return lines;
}

function watchLines({ watch, trend, alarms, at }: EnvironmentStatus): readonly Line[] {
  if (watch === null) return [];
  const left = Math.max(0, watch.until - at);
  return [
    [
      { strong: `Watch of ${watch.tag}: ${left === 0 ? 'about to end' : `${formatDuration(left)} left`}` },
      `, ${watch.checks} checks, ${alarms.breached.length === 0 ? 'no breach' : `in breach: ${alarms.breached.join(', ')}`}, until `,
      { time: watch.until },
    ],
    ...(trend === null ? [] : curves(trend)),
  ];
}

function curves({ responseMs, responseLimit, errorRate, errorLimit }: Trend): readonly Line[] {
  return [
    curve('response time', responseMs, responseLimit, (value) => `${Math.round(value)} ms`),
    curve('error rate', errorRate, errorLimit, (value) => `${Number(value.toFixed(2))} %`),
  ];
}

function curve(label: string, values: readonly (number | null)[], limit: number, word: (value: number) => string): Line {
  const last = values.at(-1) ?? null;
  if (values.length === 0) return [`${label}: not measured yet`];
  return [{ code: sparkline(values, limit) }, ` ${label} ${last === null ? 'not measured' : word(last)} (limit ${word(limit)})`];
}

/** The last gates: a count where all is well, the ones that are not by name and with their hint. `all` names the good ones too. */
function gateLines({ checklist, measured }: EnvironmentStatus, all: boolean): readonly Line[] {
  const lines: Line[] = [];
  if (checklist !== null) {
    const shown = all ? checklist.evidence : checklist.evidence.filter(hinders);
    lines.push([{ strong: `Last checklist, ${checklist.tag}: ${tally(checklist.evidence)}` }, ', ', { time: checklist.at }]);
    lines.push(...indented(shown.map(evidenceLine)));
  }
  if (measured !== null && measured.measures.length > 0) {
    const bad = measured.measures.filter(({ state }) => state !== 'pass');
    const judged = bad.length === 0 ? 'all ok' : `${bad.length} of ${measured.measures.length} not ok`;
    lines.push([{ strong: `Last measured: ${judged}` }, ', ', { time: measured.at }]);
    lines.push(...indented((all ? measured.measures : bad).map(measureLine)));
  }
  return lines;
}

function runLines({ runs }: EnvironmentStatus, most: number): readonly Line[] {
  if (runs.length === 0) return [['No deploy or rollback yet.']];
  return [[{ strong: 'Last runs' }], ...indented(runs.slice(0, most).map(runLine))];
}

function runLine({ id, kind, tag, state, by, at, tookMs }: Run): Line {
  const took = tookMs === null ? '' : ` in ${formatDuration(tookMs)}`;
  return [{ code: id }, ` ${kind} ${tag ?? ''} `, { strong: state }, `${took}, ${by} `, { time: at }];
}

function indented(lines: readonly Line[]): readonly Line[] {
  return lines.map((line): Line => ['    ', ...line]);
}

/** What one would want to press next; judged again when it is pressed. */
function actions({ environment, watch, alarms, offer, work, at }: EnvironmentStatus): readonly Action[] {
  const { countdown, waiting } = alarms;
  return [
    ...(watch !== null && offer !== null ? [rollbackAction(offer, environment, watch.requestId, { now: at })] : []),
    ...(countdown === null ? [] : [stopAction(countdown.request, environment, countdown.id, countdown.fromTag)]),
    ...waiting.map((request) => ackAction(request, environment, null)),
    ...work.filter(({ mayCancel }) => mayCancel).map((one) => cancelAction(one.requestId, environment, subject(one))),
  ];
}

function footer({ environment, lock, live, watch, offer }: EnvironmentStatus): Line {
  const words = [
    ...(lock?.holder.startsWith('person:') === true ? [`/dhash unlock ${environment}`] : []),
    ...(live !== null && watch === null && offer !== null ? [`/dhash rollback ${environment}`] : []),
    live === null ? `/dhash deploy TAG ${environment}` : `/dhash history ${environment}`,
  ];
  return words.flatMap((word, index): Line => [index === 0 ? 'Next: ' : ' or ', { code: word }]);
}
