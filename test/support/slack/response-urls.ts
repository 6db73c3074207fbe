// Response URLs: five uses within thirty minutes.

export interface ResponseUrls {
  /** The path of a new one. */
  readonly issue: () => string;
  /** null = taken. */
  readonly use: (path: string, body: string) => { readonly status: number; readonly error: string } | null;
  readonly told: { readonly path: string; readonly message: unknown }[];
}

const LIFE_MS = 1_800_000;
const USES = 5;

export function createResponseUrls(now: () => number): ResponseUrls {
  const issued = new Map<string, { readonly at: number; readonly uses: number }>();
  const told: ResponseUrls['told'] = [];
  return {
    told,
    issue: () => {
      const path = `/response/${issued.size + 1}`;
      issued.set(path, { at: now(), uses: 0 });
      return path;
    },
    use: (path, body) => {
      const url = issued.get(path);
      if (url === undefined) return { status: 404, error: 'invalid_token' };
      if (now() - url.at > LIFE_MS) return { status: 404, error: 'expired_url' };
      if (url.uses >= USES) return { status: 404, error: 'used_url' };
      const message = read(body);
      if (message === null) return { status: 400, error: 'invalid_payload' };
      issued.set(path, { ...url, uses: url.uses + 1 });
      told.push({ path, message });
      return null;
    },
  };
}

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
