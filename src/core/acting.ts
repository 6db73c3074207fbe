// Characters that are not seen but act: they drive a terminal, turn text around, split a line or hide words in it.

const ACTING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff\u{e0000}-\u{e007f}]/gu;

/** The text with `instead` in their place, and without halves of characters. */
export function withoutActing(text: string, instead: '' | ' '): string {
  return text.toWellFormed().replaceAll(ACTING, instead);
}

/** Written out as `\u001b`, which nothing obeys and JSON reads as what it was; new lines and tabs stay. */
export function escapeActing(text: string): string {
  return text.toWellFormed().replaceAll(ACTING, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}

function escaped(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
