// What a deploy brings on top of what is live, in words.

import type { CommitsSince } from '../core/event.ts';
import { counted } from '../core/units.ts';
import type { Line } from './message.ts';

/** "7 commits since v2.0.0" */
export function commitsPhrase({ since, found }: CommitsSince): string {
  if (found === null) return `commits since ${since} are not known`;
  const { count, missing } = found;
  const lost = missing === 0 ? '' : `; ${counted(missing, 'commit')} of ${since} ${missing === 1 ? 'is' : 'are'} NOT in it`;
  return `${count === 0 ? 'no commit' : counted(count, 'commit')} since ${since}${lost}`;
}

/** The count and the newest subjects. */
export function commitLines(commits: CommitsSince): readonly Line[] {
  if (commits.found === null) return [[{ strong: `Commits since ${commits.since}: not known` }]];
  const { count, subjects } = commits.found;
  const more = count - subjects.length;
  return [
    [{ strong: `Brings ${commitsPhrase(commits)}` }],
    ...subjects.map((subject): Line => ['- ', subject === '' ? '(no subject)' : subject]),
    ...(more > 0 && subjects.length > 0 ? [[`- and ${more} more`]] : []),
  ];
}
