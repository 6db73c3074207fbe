// Who did it. Authority is the Slack user id, never a name or an e-mail.

/** Where a wish came from. */
export type Surface = 'slack' | 'shell' | 'schedule';

export interface Actor {
  readonly surface: Surface;
  /** Slack user id (U... or W...); for the schedule `schedule`; for an unmapped shell user `shell:<name>`. */
  readonly id: string;
  /** For people's eyes only. */
  readonly name: string;
}

/** The schedule itself, when nobody asked. */
export const SCHEDULE: Actor = { surface: 'schedule', id: 'schedule', name: 'the schedule' };
