/** What survives a round trip through JSON: step outputs, event data, button values. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** One text for one value, whatever the order its keys were written in: digests and the audit chain hash this. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined || value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}

// Array.isArray does not narrow readonly arrays out of a union.
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
