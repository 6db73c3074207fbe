// What a notice is drawn from, and how its facts become a neutral Message. A fact nobody has says so; none is made up.

import type { Config } from '../../core/config.ts';
import type { EventType, StoredEvent } from '../../core/event.ts';
import { ALARMS, NOTICE_FIELDS, type NoticeField, type NoticeName } from '../../core/notice.ts';
import { fillWording, unfilled } from '../../core/wording.ts';
import { type Line, type Message, message, type Tone } from '../message.ts';
import { lineText } from '../text.ts';
import type { RequestView } from '../view.ts';

/** What the configuration knows about the place. */
export type Site = Pick<Config, 'service' | 'people' | 'environments' | 'notify' | 'github'>;

export interface NoticeContext<T extends EventType = EventType> {
  readonly told: Extract<StoredEvent, { type: T }>;
  /** Every event of the request up to and including `told`. */
  readonly story: readonly StoredEvent[];
  readonly view: RequestView;
  readonly site: Site;
  /** An e-mail names addresses; a chat does not. */
  readonly form: 'chat' | 'mail';
}

export interface Notice<N extends NoticeName> {
  readonly name: N;
  readonly tone: Tone;
  readonly title: string;
  readonly facts: Readonly<Record<NoticeField<N>, Line>>;
  /** Beside the facts: evidence, measures. */
  readonly lines?: readonly Line[];
  readonly tail?: readonly string[];
}

/** One of the eight. */
export type AnyNotice = { [N in NoticeName]: Notice<N> }[NoticeName];

export type Drawn =
  | { readonly kind: 'drawn'; readonly message: Message }
  /** Its own wording still holds words that nobody filled in. */
  | { readonly kind: 'stopped'; readonly words: readonly string[] };

const LABELS: Readonly<Record<NoticeField, string>> = {
  tag: 'Release',
  window: 'Window',
  lead: 'Deploy lead',
  duration: 'Duration',
  changes: 'What changes',
  checklist: 'Checklist',
  rollbackPlan: 'Rollback plan',
  watch: 'Watch',
  contact: 'Whom to ask',
  status: 'Status',
  stepCount: 'Steps',
  step: 'Current step',
  eta: 'Expected end',
  gates: 'Quality gates',
  health: 'Health',
  errorRate: 'Error rate',
  nextUpdate: 'Next update',
  what: 'What happened',
  severity: 'Severity',
  impact: 'Impact on users',
  actions: 'Done so far',
  nextSteps: 'Next steps',
  finished: 'Finished',
  validation: 'Validation',
  monitoring: 'Monitoring',
  trigger: 'Why',
  version: 'Version now',
  failedVersion: 'Version left',
  rootCause: 'Root cause',
  responseTime: 'Response time',
  cpu: 'CPU',
  memory: 'Memory',
  trend: 'Trend',
  period: 'Period',
  verdict: 'Verdict',
  resources: 'Resources',
  incidents: 'Incidents',
  reports: 'Reports by users',
  who: 'Who must act now',
  rollbackReady: 'Rollback available',
  meeting: 'Meet at',
  incident: 'Incident',
};

/** The bot's own words, or the site's where they are whole. The facts stand under either: wording never hides one. */
export function drawNotice(notice: AnyNotice, { view, site }: Pick<NoticeContext, 'view' | 'site'>): Drawn {
  const names: readonly NoticeField[] = NOTICE_FIELDS[notice.name];
  const held: Readonly<Partial<Record<NoticeField, Line>>> = notice.facts;
  const facts = names.map((name) => ({ label: LABELS[name], value: held[name] ?? [NOT_KNOWN] }));
  const own = message(notice.tone, notice.title, { facts, lines: notice.lines ?? [], tail: notice.tail ?? [] });
  const wording = site.notify.wording[notice.name];
  if (wording === undefined) return { kind: 'drawn', message: own };

  const values = {
    ...Object.fromEntries(names.map((name) => [name, lineText(held[name] ?? [NOT_KNOWN])])),
    service: site.service,
    environment: view.environment,
    request: view.id,
    title: notice.title,
  };
  const words = unfilled(wording, values);
  if (words.length > 0) {
    if (!ALARMS.includes(notice.name)) return { kind: 'stopped', words };
    const note = `(The wording of "${notice.name}" in dhash.yml was not used: ${words.join(', ')} is not filled in.)`;
    return { kind: 'drawn', message: { ...own, lines: [...own.lines, [note]] } };
  }
  const title = wording.title === null ? notice.title : oneLine(fillWording(wording.title, values));
  const text = wording.text === null ? [] : fillWording(wording.text, values).trim().split('\n');
  return { kind: 'drawn', message: { ...own, title, lines: [...text.map((line): Line => [line]), ...own.lines] } };
}

export const NOT_KNOWN = 'not known';

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
