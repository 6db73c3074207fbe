// What is sent outward beside the story in Slack: the notices by name, the facts each carries, and who gets them.

export const NOTICES = ['announcement', 'progress', 'issue', 'success', 'rollback', 'halfway', 'final', 'escalation'] as const;
export type NoticeName = (typeof NOTICES)[number];

/** `ops` is the Slack channel; the others are told beside it. PagerDuty is no reader: it is paged by incident, not by notice. */
export const AUDIENCES = ['ops', 'stakeholders', 'emergency', 'teams'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** The facts of each notice, in reading order; also the names that its wording may use, beside `COMMON_FIELDS`. */
export const NOTICE_FIELDS = {
  announcement: ['tag', 'window', 'lead', 'duration', 'changes', 'checklist', 'rollbackPlan', 'watch', 'contact'],
  progress: ['status', 'stepCount', 'step', 'eta', 'gates', 'health', 'errorRate', 'nextUpdate'],
  issue: ['what', 'severity', 'lead', 'status', 'impact', 'actions', 'nextSteps', 'eta'],
  success: ['tag', 'finished', 'duration', 'lead', 'validation', 'monitoring', 'changes'],
  rollback: ['trigger', 'duration', 'version', 'failedVersion', 'status', 'rootCause', 'watch'],
  halfway: ['responseTime', 'errorRate', 'gates', 'cpu', 'memory', 'trend', 'impact'],
  final: ['period', 'verdict', 'responseTime', 'errorRate', 'gates', 'resources', 'incidents', 'reports'],
  escalation: ['what', 'impact', 'who', 'status', 'rollbackReady', 'eta', 'meeting', 'incident'],
} as const satisfies Record<NoticeName, readonly string[]>;

export type NoticeField<N extends NoticeName = NoticeName> = (typeof NOTICE_FIELDS)[N][number];

/** Known to the wording of every notice. */
export const COMMON_FIELDS = ['service', 'environment', 'request', 'title'] as const;

/** The calls for help. Where their own wording cannot be used, the bot's goes out instead: silence would be worse. */
export const ALARMS: readonly NoticeName[] = ['issue', 'rollback', 'escalation'];

export const USUAL_AUDIENCES: Readonly<Record<NoticeName, readonly Audience[]>> = {
  announcement: ['ops', 'stakeholders', 'teams'],
  progress: ['ops'],
  issue: ['ops', 'teams'],
  success: ['ops', 'stakeholders', 'teams'],
  rollback: ['ops', 'stakeholders', 'emergency', 'teams'],
  halfway: ['ops', 'teams'],
  final: ['ops', 'stakeholders', 'teams'],
  escalation: ['ops', 'emergency', 'teams'],
};

/** What a site says in its own words; null = the bot's. */
export interface Wording {
  readonly title: string | null;
  readonly text: string | null;
}

export interface Contact {
  readonly name: string;
  /** An e-mail address; null = not to be shown. */
  readonly mail: string | null;
}

export interface NotifyConfig {
  /** null = nobody gets e-mail. */
  readonly mail: {
    readonly from: string;
    readonly stakeholders: readonly string[];
    readonly emergency: readonly string[];
    readonly timeout: number;
  } | null;
  readonly teams: { readonly timeout: number };
  readonly pagerduty: { readonly api: string; readonly timeout: number };
  /** Slack user id -> who that is outside of Slack. */
  readonly contacts: Readonly<Record<string, Contact>>;
  /** Where people meet in an emergency. */
  readonly meeting: string | null;
  readonly audiences: Readonly<Record<NoticeName, readonly Audience[]>>;
  readonly wording: Readonly<Partial<Record<NoticeName, Wording>>>;
}
