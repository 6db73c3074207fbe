// Addresses that Slack hands out: a socket, a place for a file. Taken only where they are Slack's own, for who listens there hears every command and is given every log.

const SLACK = ['slack.com', 'slack-gov.com'];
const ENCRYPTED = ['https:', 'wss:'];
const PLAIN = ['http:', 'ws:'];

/** `apiUrl`: where the Web API was said to be; null = Slack's own. Its host counts as Slack's too, and without encryption where it has none itself. */
export function isSlacks(address: string, apiUrl: string | null): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  const within = (host: string) => url.hostname === host || url.hostname.endsWith(`.${host}`);
  const api = apiUrl === null ? null : URL.parse(apiUrl);
  if (ENCRYPTED.includes(url.protocol)) return [...SLACK, ...(api === null ? [] : [api.hostname])].some(within);
  return PLAIN.includes(url.protocol) && api?.protocol === 'http:' && within(api.hostname);
}
