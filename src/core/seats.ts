// Quorum: seats are found by matching people to them, so the order of approvals never matters.

export interface Requirement {
  /** Distinct people needed. */
  readonly required: number;
  /** How many of them must be Ops/SRE. */
  readonly fromOps: number;
}

export interface Approver {
  readonly id: string;
  readonly ops: boolean;
}

export interface Seat {
  readonly wants: 'ops' | 'anyone';
  /** Who fills it, or null while it is free. */
  readonly filledBy: string | null;
}

/** One seat a person: the largest possible matching of people to seats (augmenting paths), ops seats listed first. */
export function assignSeats(requirement: Requirement, approvers: readonly Approver[]): readonly Seat[] {
  const wants: Seat['wants'][] = Array.from({ length: requirement.required }, (_, index) =>
    index < requirement.fromOps ? 'ops' : 'anyone',
  );
  const distinct = [...new Map(approvers.map((approver) => [approver.id, approver])).values()];
  const personAt: (Approver | null)[] = wants.map(() => null);

  function place(person: Approver, tried: Set<number>): boolean {
    for (const [seat, want] of wants.entries()) {
      if (tried.has(seat) || (want === 'ops' && !person.ops)) continue;
      tried.add(seat);
      const sitting = personAt[seat] ?? null;
      if (sitting === null || place(sitting, tried)) {
        personAt[seat] = person;
        return true;
      }
    }
    return false;
  }

  for (const person of distinct) place(person, new Set());
  return wants.map((want, seat) => ({ wants: want, filledBy: personAt[seat]?.id ?? null }));
}

export function isQuorate(seats: readonly Seat[]): boolean {
  return seats.every((seat) => seat.filledBy !== null);
}
