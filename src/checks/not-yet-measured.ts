import { type CheckResult, unknown } from '../core/check.ts';
import type { ChecklistItem } from '../core/config.ts';

/** For items that nothing here can answer: saying so is better than a guess, and never a pass. */
export function notYetMeasured(item: ChecklistItem): CheckResult {
  return unknown(
    'this version of the bot cannot measure it',
    `Remove ${item} from the environment's checklist in dhash.yml to deploy without it.`,
  );
}
