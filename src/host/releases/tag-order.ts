/** Semver precedence for release tags, newest first: v2.10.0, v2.9.0, v2.9.0-rc.2, v2.9.0-rc.1. */
export function newestFirst(one: string, other: string): number {
  const a = parse(one);
  const b = parse(other);
  for (let index = 0; index < 3; index += 1) {
    const difference = (b.numbers[index] ?? 0) - (a.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(b.pre, a.pre);
}

function parse(tag: string): { readonly numbers: readonly number[]; readonly pre: string | null } {
  const [version = '', ...pre] = tag.replace(/^v/, '').split('-');
  return { numbers: version.split('.').map(Number), pre: pre.length === 0 ? null : pre.join('-') };
}

// A tag without a pre-release part comes after all of its pre-releases; numbers come before words.
function comparePre(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  const a = one.split('.');
  const b = other.split('.');
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = compareIdentifiers(a[index], b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(one: string | undefined, other: string | undefined): number {
  if (one === other) return 0;
  if (one === undefined) return -1;
  if (other === undefined) return 1;
  const areNumbers = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (areNumbers[0] && areNumbers[1]) return Number(one) - Number(other);
  if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? -1 : 1;
  return one < other ? -1 : 1;
}
