// Slack's limits, as its validator words them: `must be less than N+1 characters [json-pointer:...]`.

import type { Unverified } from './unverified.ts';

type Unit = Unverified['unit'];
type Rule = (value: unknown, at: string, unit: Unit) => readonly string[];
type Fields = Readonly<Record<string, { readonly rule: Rule; readonly required?: boolean }>>;

/** Everything wrong with a list of blocks; empty when Slack would take it. */
export function blockErrors(blocks: unknown, kind: 'message' | 'view' = 'message', unit: Unit = 'utf16'): readonly string[] {
  const max = kind === 'message' ? 50 : 100;
  if (!Array.isArray(blocks)) return ['blocks must be a list [json-pointer:/blocks]'];
  if (blocks.length > max) return [`no more than ${max} items allowed [json-pointer:/blocks]`];
  if (kind === 'view' && blocks.length === 0) return ['no fewer than 1 items allowed [json-pointer:/blocks]'];
  return [...twice(blocks, 'block_id', '/blocks'), ...blocks.flatMap((block, index) => blockError(block, `/blocks/${index}`, unit))];
}

/** Ids that stand more than once where each may stand once. */
function twice(items: readonly unknown[], key: string, at: string): readonly string[] {
  const ids = items.map((item) => get(item, key)).filter((id) => id !== undefined);
  return ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${key} ${String(id)} is not unique [json-pointer:${at}]`);
}

/** Everything wrong with a modal. */
export function viewErrors(view: unknown, unit: Unit = 'utf16'): readonly string[] {
  const fields: Fields = {
    type: { rule: oneOf('modal'), required: true },
    callback_id: { rule: text(255) },
    private_metadata: { rule: text(3_000, 0) },
    title: { rule: plain(24), required: true },
    submit: { rule: plain(24) },
    close: { rule: plain(24) },
    blocks: { rule: (value) => blockErrors(value, 'view', unit), required: true },
  };
  const blocks = get(view, 'blocks');
  const asks = Array.isArray(blocks) && blocks.some((block) => get(block, 'type') === 'input');
  const submit = asks && get(view, 'submit') === undefined ? ['missing required field: submit [json-pointer:/view]'] : [];
  return [...submit, ...record(fields)(view, '/view', unit)];
}

/** Everything wrong with an App Home: like a modal, without a title and without what is submitted. */
export function homeErrors(view: unknown, unit: Unit = 'utf16'): readonly string[] {
  const fields: Fields = {
    type: { rule: oneOf('home'), required: true },
    callback_id: { rule: text(255) },
    private_metadata: { rule: text(3_000, 0) },
    blocks: { rule: (value) => blockErrors(value, 'view', unit), required: true },
  };
  return record(fields)(view, '/view', unit);
}

const BLOCKS: Readonly<Record<string, Fields>> = {
  header: { text: { rule: plain(150), required: true } },
  divider: {},
  section: { text: { rule: anyText(3_000) }, fields: { rule: list(10, anyText(2_000)) } },
  context: { elements: { rule: list(10, anyText(3_000)), required: true } },
  actions: { elements: { rule: buttons, required: true } },
  input: {
    label: { rule: plain(2_000), required: true },
    hint: { rule: plain(2_000) },
    element: {
      required: true,
      rule: record({
        type: { rule: oneOf('plain_text_input'), required: true },
        action_id: { rule: text(255) },
        multiline: { rule: bool },
        min_length: { rule: number(0, 3_000) },
        max_length: { rule: number(1, 3_000) },
      }),
    },
  },
};

function blockError(block: unknown, at: string, unit: Unit): readonly string[] {
  const type = get(block, 'type');
  const fields = typeof type === 'string' ? BLOCKS[type] : undefined;
  if (fields === undefined) return [`unsupported type: ${String(type)} [json-pointer:${at}/type]`];
  if (type === 'section' && get(block, 'text') === undefined && get(block, 'fields') === undefined) {
    return [`must define either \`text\` or \`fields\` [json-pointer:${at}/type]`];
  }
  return record({ ...fields, type: { rule: oneOf(String(type)) }, block_id: { rule: text(255) } })(block, at, unit);
}

function buttons(value: unknown, at: string, unit: Unit): readonly string[] {
  return [...(Array.isArray(value) ? twice(value, 'action_id', at) : []), ...list(25, button)(value, at, unit)];
}

function button(value: unknown, at: string, unit: Unit): readonly string[] {
  return record({
    type: { rule: oneOf('button'), required: true },
    action_id: { rule: text(255), required: true },
    text: { rule: plain(75), required: true },
    value: { rule: text(2_000) },
    url: { rule: text(3_000) },
    style: { rule: oneOf('primary', 'danger') },
    confirm: {
      rule: record({
        title: { rule: plain(100), required: true },
        text: { rule: plain(300), required: true },
        confirm: { rule: plain(30), required: true },
        deny: { rule: plain(30), required: true },
        style: { rule: oneOf('primary', 'danger') },
      }),
    },
  })(value, at, unit);
}

function plain(max: number): Rule {
  return record({ type: { rule: oneOf('plain_text'), required: true }, text: { rule: text(max), required: true }, emoji: { rule: bool } });
}

function anyText(max: number): Rule {
  return (value, at, unit) =>
    get(value, 'type') === 'plain_text'
      ? plain(max)(value, at, unit)
      : record({ type: { rule: oneOf('mrkdwn'), required: true }, text: { rule: mrkdwn(max), required: true }, verbatim: { rule: bool } })(
          value,
          at,
          unit,
        );
}

// Not Slack's rule but ours: every `<` opens a mention, date or link of the right form, every `&` an entity.
function mrkdwn(max: number): Rule {
  return (value, at, unit) => [
    ...text(max)(value, at, unit),
    ...(typeof value === 'string' ? markupErrors(value).map((error) => `${error} [json-pointer:${at}]`) : []),
  ];
}

export function markupErrors(value: string): readonly string[] {
  const rest = value
    .replace(/<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<!date\^\d+\^[^<>|]+\|[^<>]+>|<https?:\/\/[^<>|]+\|[^<>]+>/g, '')
    .replace(/&(amp|lt|gt);/g, '');
  return [
    ...(/[<>]/.test(rest) ? ['unescaped bracket'] : []),
    ...(rest.includes('&') ? ['unescaped ampersand'] : []),
    ...(value.isWellFormed() ? [] : ['half a surrogate pair']),
  ];
}

function text(max: number, min = 1): Rule {
  return (value, at, unit) => {
    if (typeof value !== 'string') return [`must be a string [json-pointer:${at}]`];
    if ((unit === 'utf16' ? value : [...value]).length > max) return [`must be less than ${max + 1} characters [json-pointer:${at}]`];
    if (value.length < min) return [`must be more than 0 characters [json-pointer:${at}]`];
    return value.isWellFormed() ? [] : [`half a surrogate pair [json-pointer:${at}]`];
  };
}

function list(max: number, rule: Rule): Rule {
  return (value, at, unit) => {
    if (!Array.isArray(value) || value.length === 0) return [`must be a list with items [json-pointer:${at}]`];
    if (value.length > max) return [`no more than ${max} items allowed [json-pointer:${at}]`];
    return value.flatMap((item, index) => rule(item, `${at}/${index}`, unit));
  };
}

function number(min: number, max: number): Rule {
  return (value, at) => (typeof value === 'number' && value >= min && value <= max ? [] : [`must be ${min}..${max} [json-pointer:${at}]`]);
}

function bool(value: unknown, at: string): readonly string[] {
  return typeof value === 'boolean' ? [] : [`must be a boolean [json-pointer:${at}]`];
}

function oneOf(...values: readonly string[]): Rule {
  return (value, at) => (values.some((known) => known === value) ? [] : [`must be one of ${values.join(', ')} [json-pointer:${at}]`]);
}

function record(fields: Fields): Rule {
  return (value, at, unit) => {
    if (typeof value !== 'object' || value === null) return [`must be an object [json-pointer:${at}]`];
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key) && get(value, key) !== undefined);
    return [
      ...unknown.map((key) => `additional property: ${key} [json-pointer:${at}]`),
      ...Object.entries(fields).flatMap(([key, { rule, required }]) => {
        const held = get(value, key);
        if (held === undefined) return required === true ? [`missing required field: ${key} [json-pointer:${at}]`] : [];
        return rule(held, `${at}/${key}`, unit);
      }),
    ];
  };
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
