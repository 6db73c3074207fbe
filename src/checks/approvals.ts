// Are the seats filled?

import { type CheckResult, fail, pass } from '../core/check.ts';
import { type Approver, assignSeats, type Requirement } from '../core/seats.ts';
import type { Check } from './context.ts';

export const checkApprovals: Check = async ({ environment, request, now }) => {
  const approvers = (request.approvals ?? []).map(({ by, ops }) => ({ id: by.id, ops }));
  return { result: judgeApprovals(environment.approvals, approvers), at: now };
};

export function judgeApprovals(requirement: Requirement, approvers: readonly Approver[]): CheckResult {
  const seats = assignSeats(requirement, approvers);
  if (seats.length === 0) return pass('no approvals are wanted');
  const free = seats.filter(({ filledBy }) => filledBy === null);
  if (free.length === 0) return pass(`${seats.length} of ${seats.length}: ${seats.map(({ filledBy }) => filledBy).join(', ')}`);
  const fromOps = free.filter(({ wants }) => wants === 'ops').length;
  const missing = fromOps === 0 ? `${free.length} more` : `${free.length} more, ${fromOps} of them from ops`;
  return fail(`${seats.length - free.length} of ${seats.length}, missing ${missing}`, 'Press Approve on the card.');
}
