// The checklist: which question each item asks, and asking them all.

import { type Evidence, error } from '../core/check.ts';
import type { ChecklistItem } from '../core/config.ts';
import { asBotError } from '../core/error.ts';
import { formatDuration } from '../core/time.ts';
import { checkApprovals } from './approvals.ts';
import { checkBackup } from './backup.ts';
import { checkBranchProtection } from './branch-protection.ts';
import { checkCi } from './ci.ts';
import { checkContacts } from './contacts.ts';
import type { Check, CheckContext } from './context.ts';
import { askingOnce } from './github-once.ts';
import { checkPerformance } from './performance.ts';
import { checkPlaceholders } from './placeholders.ts';
import { checkPremerge } from './premerge.ts';
import { checkQualityGates } from './quality-gates.ts';

export const CHECKS: Readonly<Record<ChecklistItem, Check>> = {
  'branch-protection': checkBranchProtection,
  ci: checkCi,
  premerge: checkPremerge,
  backup: checkBackup,
  'quality-gates': checkQualityGates,
  performance: checkPerformance,
  placeholders: checkPlaceholders,
  contacts: checkContacts,
  approvals: checkApprovals,
};

const CHECK_TIMEOUT_MS = 30_000;
/** Videos are decoded; the checklist's own step takes five minutes at most. */
const MEDIA_TIMEOUT_MS = 4 * 60_000;

/** Asks all items side by side and answers in their order. Never rejects: what could not be asked is an `error` answer. */
export function runChecklist(
  context: CheckContext,
  items: readonly ChecklistItem[],
  checks: Readonly<Record<ChecklistItem, Check>> = CHECKS,
): Promise<readonly Evidence[]> {
  const shared = { ...context, ports: { ...context.ports, github: askingOnce(context.ports.github) } };
  return Promise.all(items.map((item) => ask(shared, item, checks[item])));
}

async function ask(context: CheckContext, item: ChecklistItem, check: Check): Promise<Evidence> {
  const { ports, now } = context;
  const late = new AbortController();
  const answered = new AbortController();
  const limit = item === 'quality-gates' ? MEDIA_TIMEOUT_MS : CHECK_TIMEOUT_MS;
  const timeout = ports.clock.sleep(limit, answered.signal).then(() => {
    late.abort();
    return {
      result: error(`gave no answer within ${formatDuration(limit)}`, 'Ask again; if it stays, look at what it asks.'),
      at: now,
    };
  });
  try {
    return { check: item, ...(await Promise.race([check(context, late.signal), timeout])) };
  } catch (thrown) {
    const { message, hint } = asBotError(thrown);
    return { check: item, result: error(message, hint), at: now };
  } finally {
    answered.abort();
  }
}
