// Which keys the schema knows where: for "did you mean", and to hold config/example.yml against.

import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** The keys that may stand at this path; none where there is no section. */
export function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const found = path.reduce<z.core.$ZodType | null>((section, key) => (section === null ? null : inside(section, key)), schema);
  const section = found === null ? null : bare(found);
  return section?.type === 'object' ? Object.keys(section.shape) : [];
}

/** Every key of the schema as a path; `*` stands for a name or a place in a list. */
export function allKeys(schema: z.core.$ZodType, path: readonly string[] = []): readonly (readonly string[])[] {
  const section = bare(schema);
  switch (section.type) {
    case 'object':
      return Object.entries(section.shape).flatMap(([key, child]) => [[...path, key], ...allKeys(child, [...path, key])]);
    case 'record':
      return allKeys(section.valueType, [...path, '*']);
    case 'array':
      return allKeys(section.element, [...path, '*']);
    default:
      return [];
  }
}

function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | null {
  const section = bare(schema);
  if (section.type === 'object') return section.shape[String(key)] ?? null;
  if (section.type === 'record') return section.valueType;
  return section.type === 'array' ? section.element : null;
}

/** Without what zod wraps around a section: optional, default, a later check. */
function bare(schema: z.core.$ZodType): z.core.$ZodTypeDef & z.core.$ZodTypes['_zod']['def'] {
  // $ZodTypes is zod's own list of every kind there is, made for walking a schema.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return bare(def.innerType);
    case 'pipe':
      return bare(def.in);
    case 'union':
      // Of several forms only one has keys.
      return bare(def.options.find((option) => bare(option).type === 'object') ?? def.options[0] ?? schema);
    default:
      return def;
  }
}
