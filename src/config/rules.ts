// What must fit together across several keys. Asked also while other keys are wrong, so that all problems come at once: hence the cautious reading.

interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly else: {
    readonly path: PropertyKey[];
    readonly error: (issue: { readonly input: unknown }) => string;
    readonly when: () => boolean;
  };
}

export const fewerOps = rule(['approvals', 'fromOps'], (environment) => {
  const required = numberAt(environment, 'approvals', 'required');
  const fromOps = numberAt(environment, 'approvals', 'fromOps');
  if (required === null || fromOps === null || fromOps <= required) return null;
  return `${fromOps} people from ops are wanted of ${required} in all, write at most ${required}`;
});

export const updatesInside = rule(['monitor', 'updates'], (environment) => {
  const updates = listAt(environment, 'monitor', 'updates');
  const duration = numberAt(environment, 'monitor', 'duration');
  if (updates === null || duration === null || !updates.every((at) => typeof at === 'number')) return null;
  if (updates.some((at, index) => index > 0 && at <= (updates[index - 1] ?? 0)))
    return 'are not in order, write the earliest first and none twice';
  return (updates.at(-1) ?? 0) > duration ? 'one comes after the end of the watch, write none beyond monitor.duration' : null;
});

export const laddered = rule(['escalation'], (environment) => {
  const steps = listAt(environment, 'escalation')?.map((step) => numberAt(step, 'after')) ?? [];
  const sorted = steps.every((after, index) => after === null || after >= (steps[index - 1] ?? 0));
  return sorted ? null : 'the times are not in order, write who is told first at the top';
});

export const defaultExists = rule(['defaultEnvironment'], (file) => {
  const names = Object.keys(sectionAt(file, 'environments') ?? {});
  const wanted = sectionAt(file)?.['defaultEnvironment'];
  if (names.length === 0) return 'there is no environment at all, write one under environments';
  return typeof wanted !== 'string' || names.includes(wanted)
    ? null
    : `there is no environment "${wanted}", write one of: ${names.join(', ')}`;
});

export const distinctPorts = rule(['environments'], (file) => {
  const users = new Map<number, string>();
  for (const [name, environment] of Object.entries(sectionAt(file, 'environments') ?? {})) {
    for (const [user, taken] of portsOf(name, environment)) {
      const other = users.get(taken);
      if (other !== undefined) return `port ${taken} is taken twice (${other} and ${user}), write a port of its own for each`;
      users.set(taken, user);
    }
  }
  return null;
});

export const distinctRoots = rule(['environments'], (file) => {
  const roots = Object.values(sectionAt(file, 'environments') ?? {}).map((environment) => sectionAt(environment)?.['root']);
  const twice = roots.find((root, index) => typeof root === 'string' && roots.indexOf(root) !== index);
  return twice === undefined ? null : `two of them have the root ${twice}, write a folder of its own for each`;
});

export const askedGithub = rule(['github'], (file) => {
  if (sectionAt(file, 'github') !== null) return null;
  for (const [name, environment] of Object.entries(sectionAt(file, 'environments') ?? {})) {
    const asked = listAt(environment, 'checklist')?.filter((item) => item === 'branch-protection' || item === 'ci') ?? [];
    if (asked.length > 0) return `is missing, but the checklist of ${name} wants ${asked.join(' and ')}, write { repository: owner/name }`;
  }
  return null;
});

/** For a list whose entries (or one key of them) may not repeat. */
export function eachOnce(list: string, key: string | null = null): [Rule['holds'], Rule['else']] {
  const once = rule([list], (environment) => {
    const entries = (listAt(environment, list) ?? []).map((entry) => (key === null ? entry : sectionAt(entry)?.[key]));
    const twice = entries.find((entry, index) => typeof entry === 'string' && entries.indexOf(entry) !== index);
    return twice === undefined ? null : `"${twice}" stands in it twice, write each once`;
  });
  return [once.holds, once.else];
}

// Behind nginx one public port may serve several environments by name, so there it is compared with the slots alone.
function portsOf(name: string, environment: unknown): readonly (readonly [string, number])[] {
  const of = (label: string, found: number | null) => (found === null ? [] : [[`${name} ${label}`, found] as const]);
  const behindNginx = sectionAt(environment, 'proxy', 'nginx') !== null;
  const listen = numberAt(environment, 'proxy', 'listen');
  const slots = [
    ...of('blue', numberAt(environment, 'service', 'ports', 'blue')),
    ...of('green', numberAt(environment, 'service', 'ports', 'green')),
  ];
  return behindNginx && !slots.some(([, taken]) => taken === listen) ? slots : [...slots, ...of('proxy', listen)];
}

function rule(path: PropertyKey[], fault: (value: unknown) => string | null): Rule {
  return { holds: (value) => fault(value) === null, else: { path, error: ({ input }) => fault(input) ?? '', when: () => true } };
}

function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const found = valueAt(value, path);
  return typeof found === 'number' ? found : null;
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] | null {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : null;
}

export function sectionAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> | null {
  const found = valueAt(value, path);
  return isSection(found) ? found : null;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((section, key) => (isSection(section) && Object.hasOwn(section, key) ? section[key] : undefined), value);
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
