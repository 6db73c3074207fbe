// What a deploy brings on top of what is live, for the people who are asked to approve it. It judges nothing: not knowing it keeps no deploy.

import type { CommitsSince } from '../core/event.ts';
import type { StepContext } from '../core/job.ts';

/** null = nothing is live, or the source has no history. */
export async function commitsSince(
  { environment, ports, store, signal }: Pick<StepContext, 'environment' | 'ports' | 'signal' | 'store'>,
  to: { readonly tag: string; readonly commit: string },
): Promise<CommitsSince | null> {
  const live = await store.liveDeployment(environment.name);
  if (live === null) return null;
  try {
    const from = { tag: live.tag, commit: live.commit };
    const found = await ports.releases.newCommits({ environment, from, to, signal });
    return found === null ? null : { since: live.tag, found };
  } catch (thrown) {
    ports.log.warn({ err: thrown, environment: environment.name }, 'The commits since what is live could not be told.');
    return { since: live.tag, found: null };
  }
}
