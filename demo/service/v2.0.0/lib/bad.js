/** An error that is the sender's fault. */
export function bad(message) {
  return Object.assign(new Error(message), { status: 400 });
}
