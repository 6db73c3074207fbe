// Release tags. Only this form ever reaches git, a path or a file name.

const TAG = /^v(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z]+([.-][0-9A-Za-z]+)*)?$/;
const LONGEST = 64;

/** True for `v1.2.3` and `v1.2.3-pre.1`, and for nothing else. */
export function isTag(text: string): boolean {
  return text.length <= LONGEST && TAG.test(text) && !text.includes('..');
}
