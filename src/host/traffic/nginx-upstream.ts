// The one file of nginx that is ours: which port the upstream has.

/** `upstream dhash { server 127.0.0.1:9101; }` */
export function upstreamText(name: string, port: number): string {
  return `# Written by dhash at each switch; changes by hand are lost.\nupstream ${name} {\n    server 127.0.0.1:${port};\n}\n`;
}

/** The port in such a file; null when there is no server line. Comments do not count. */
export function upstreamPort(text: string): number | null {
  const port = /^[^#\n]*\bserver\s+127\.0\.0\.1:(\d{1,5})\b/m.exec(text)?.[1];
  return port === undefined ? null : Number(port);
}
