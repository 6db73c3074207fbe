// One checklist asks GitHub for a branch's protection once: two items read it, and each asking is several requests of a limited number.

import type { Github } from '../core/github.ts';

export function askingOnce(github: Github): Github {
  const asked = new Map<string, ReturnType<Github['protection']>>();
  return {
    ...github,
    protection: (ask) => {
      const key = `${ask.repository} ${ask.branch}`;
      const answer = asked.get(key) ?? github.protection(ask);
      asked.set(key, answer);
      return answer;
    },
  };
}
