// The table behind causes.ts: what a line of output tells about the cause. Most telling first.

import type { Cause } from './cause.ts';

export interface CauseRule {
  readonly kind: Cause['kind'];
  /** Those that name something stand first; the first filled group goes to `say`. */
  readonly patterns: readonly RegExp[];
  readonly say: (what: string | null) => Pick<Cause, 'cause' | 'next'>;
}

export const CAUSE_RULES: readonly CauseRule[] = [
  {
    kind: 'port-in-use',
    patterns: [
      /EADDRINUSE.*?:(\d{1,5})\b|address already in use.*?:(\d{1,5})\b|\bport:? (\d{1,5}) (?:is )?already (?:in use|allocated)|:(\d{1,5}) failed \(98:/i,
      /\bEADDRINUSE\b|address already in use|port is already allocated/i,
    ],
    say: (port) => ({
      cause: port === null ? 'A port it listens on is already in use.' : `Port ${port} is already in use by another process.`,
      next: port === null ? 'See who listens: ss -ltnp' : `See who has it: ss -ltnp 'sport = :${port}'`,
    }),
  },
  {
    kind: 'disk-full',
    patterns: [/\bENOSPC\b|No space left on device|\bEDQUOT\b|Disk quota exceeded|database or disk is full/i],
    say: () => ({
      cause: 'The disk (or its inodes, or a quota) is full.',
      next: 'See what is full: df -h; df -i. Old releases and backups are the first to go.',
    }),
  },
  {
    kind: 'read-only',
    patterns: [/\bEROFS\b|Read-only file system/i],
    say: () => ({
      cause: 'It may not write there: the file system is mounted read-only.',
      next: 'See which and why: findmnt -O ro; dmesg | tail',
    }),
  },
  {
    kind: 'out-of-memory',
    patterns: [/JavaScript heap out of memory|Cannot allocate memory|\bENOMEM\b|^MemoryError\b|std::bad_alloc|Out of memory/i],
    say: () => ({ cause: 'It ran out of memory.', next: 'See what uses it: free -m; ps aux --sort=-rss | head' }),
  },
  {
    kind: 'missing-variable',
    patterns: [
      /\b([A-Z][A-Z0-9_]{2,}): (?:unbound variable|parameter (?:null or )?not set)/,
      /^KeyError: ['"]([A-Z][A-Z0-9_]{2,})['"]/,
      /\b[Ee]nv(?:ironment)? var(?:iable)?s?:? ["'`$]?([A-Z][A-Z0-9_]{2,})\b|\b([A-Z][A-Z0-9_]{2,})["'`]? (?:environment variable|env(?:ironment)? var)/,
      /\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)["'`]? (?:is |was )?(?:not set|required|missing|undefined|unset|must be set)/,
    ],
    say: (name) => ({
      cause: name === null ? 'An environment variable is missing.' : `The environment variable ${name} is missing.`,
      next: `Set ${name ?? 'it'} in the service's .env in shared/, or list it under service.environment in dhash.yml.`,
    }),
  },
  {
    kind: 'git-owner',
    patterns: [/detected dubious ownership in repository at ['"]?([^'"]+)/i],
    say: (path) => ({
      cause: `Git does not trust ${path ?? 'the repository'}: it belongs to another user.`,
      next: `As the bot's user: git config --global --add safe.directory ${path ?? '<path>'}`,
    }),
  },
  {
    kind: 'git-repository',
    patterns: [
      /'([^']+)' does not appear to be a git repository|not a git repository: '?([^']+)'?|repository '([^']+)' (?:not found|does not exist)/i,
    ],
    say: (where) => ({
      cause: `There is no git repository at ${where ?? 'the source'}.`,
      next: 'Check source.git of the environment in dhash.yml.',
    }),
  },
  {
    kind: 'git-auth',
    patterns: [
      /Authentication failed for|could not read (?:Username|Password)|Permission denied \((?:publickey|password)|Host key verification failed|terminal prompts disabled|HTTP Basic: Access denied|Repository not found|returned error: 40[13]|\bE401\b|\bENEEDAUTH\b/i,
    ],
    say: () => ({
      cause: 'The other side refused our credentials (or hides the repository from them).',
      next: "As the bot's user, try: git ls-remote --tags <source>. Then fix its key, token or known_hosts.",
    }),
  },
  {
    kind: 'git-redirect',
    patterns: [/unable to access '[^']*': The requested URL returned error: 30[1-8]|unable to update url base from redirection/],
    say: () => ({
      cause: 'The source answers with a redirect, and none is followed: what is meant for it must reach nobody else.',
      next: 'See where it points (curl -sI <source>/info/refs), and put that address into source.git of dhash.yml.',
    }),
  },
  {
    kind: 'dns',
    patterns: [
      /\b(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+\.[\w.-]+)|Could not resolve host(?:name)?:? ([\w.-]+)/i,
      /\bENOTFOUND\b|\bEAI_AGAIN\b|Name or service not known|Temporary failure in name resolution|nodename nor servname/i,
    ],
    say: (host) => ({
      cause: host === null ? 'A host name could not be resolved (DNS).' : `The host name ${host} could not be resolved (DNS).`,
      next: host === null ? 'Check the network and /etc/resolv.conf.' : `Check it: getent hosts ${host}`,
    }),
  },
  {
    kind: 'certificate',
    patterns: [
      /CERT_HAS_EXPIRED|SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)|self[- ]signed certificate|certificate (?:has expired|verify failed|problem)/i,
    ],
    say: () => ({
      cause: "The other side's TLS certificate is not accepted.",
      next: 'Check the clock of the host (date) and the CA: NODE_EXTRA_CA_CERTS, git http.sslCAInfo.',
    }),
  },
  {
    kind: 'refused',
    patterns: [/ECONNREFUSED (\S+:\d{1,5})|Failed to connect to (\S+ port \d{1,5})/i, /\bECONNREFUSED\b|Connection refused/i],
    say: (where) => ({
      cause:
        where === null
          ? 'A connection was refused: nothing listens there.'
          : `The connection to ${where} was refused: nothing listens there.`,
      next: 'Check that the other side runs, and the address and port in the configuration.',
    }),
  },
  {
    kind: 'network-timeout',
    patterns: [
      /\bETIMEDOUT\b|\bESOCKETTIMEDOUT\b|Connection timed out|Operation timed out|Connection timeout|UND_ERR_CONNECT_TIMEOUT|ReadTimeout/i,
    ],
    say: () => ({ cause: 'The network did not answer in time.', next: 'Check the way there (proxy, firewall, route), then try again.' }),
  },
  {
    kind: 'network',
    patterns: [
      /\bECONNRESET\b|\bENETUNREACH\b|\bEHOSTUNREACH\b|Network is unreachable|No route to host|remote end hung up|socket hang up|early EOF/i,
    ],
    say: () => ({
      cause: 'The network connection broke or there is no way to the other side.',
      next: 'Check the network of the host (ip route), then try again.',
    }),
  },
  {
    kind: 'missing-script',
    patterns: [/Missing script: ["']?([^"']+?)["']?$/i],
    say: (name) => ({
      cause: name === null ? 'The release has no such npm script.' : `The release's package.json has no script "${name}".`,
      next: 'Add it to the release, or change the command in dhash.yml.',
    }),
  },
  {
    kind: 'lockfile',
    patterns: [
      /can only install (?:packages )?(?:when|with) (?:your|an existing) package|package-lock\.json.*(?:not|out of) (?:in )?sync|lock ?file.*not up to date|\bEINTEGRITY\b/i,
    ],
    say: () => ({
      cause: 'package.json and its lockfile do not agree (or a package changed under the same version).',
      next: 'Run npm install in the source, commit the lockfile and tag a new release.',
    }),
  },
  {
    kind: 'engine',
    patterns: [/\bEBADENGINE\b|Unsupported engine|The engine "node" is incompatible|NODE_MODULE_VERSION/i],
    say: () => ({
      cause: 'The release wants another Node version than the one on the PATH.',
      next: "Compare node --version with the release's engines in package.json.",
    }),
  },
  {
    kind: 'missing-module',
    patterns: [
      /Cannot find (?:module|package) '([^']+)'|No module named '?([\w.]+)'?|ImportError: cannot import name '([^']+)'/,
      /\bERR_MODULE_NOT_FOUND\b/,
    ],
    say: (name) => ({
      cause: name === null ? 'A module it loads is not there.' : `The module ${name} is not there.`,
      next: 'Check that the build installs it (build in dhash.yml) and that it is no devDependency.',
    }),
  },
  {
    kind: 'program-not-found',
    patterns: [
      /([\w./@+-]+): (?:command )?not found\s*$|spawn (\S+) ENOENT|env: ['‘"]?([^'’"]+)['’"]?: No such file or directory|git: '([\w-]+)' is not a git command/,
    ],
    say: (name) => ({
      cause: name === null ? 'A program it calls is not installed.' : `${name} is not installed, or not on the PATH.`,
      next: name === null ? 'Install it.' : `Check it as the bot's user: command -v ${name}`,
    }),
  },
  {
    kind: 'permission-denied',
    patterns: [
      /(?:\bEACCES|\bEPERM)[^,]*, \w+ '([^']+)'|listen EACCES[^\d]*([\d.:]+)|PermissionError: .*?'([^']+)'/,
      /cannot \w+ (?:\w+ )?['‘"]([^'’"]+)['’"]: Permission denied|([\w./@+-]+): Permission denied/i,
      /\bEACCES\b|\bEPERM\b|Permission denied|Operation not permitted/i,
    ],
    say: (what) => ({
      cause: what === null ? "A right is missing for the bot's user." : `The bot's user lacks the right to ${what}.`,
      next: what === null ? 'See who it is and what it may: id; ls -la' : `Look at it: ls -ld ${what}`,
    }),
  },
  {
    kind: 'missing-file',
    patterns: [
      /\bENOENT[^,]*, \w+ '([^']+)'|FileNotFoundError: .*?'([^']+)'|([\w./@+-]+): No such file or directory|['‘"]([^'’"]+)['’"]: No such file or directory/,
      /\bENOENT\b|No such file or directory/,
    ],
    say: (path) => ({
      cause: path === null ? 'A file it needs is not there.' : `${path} is not there.`,
      next: 'Check that the release ships it, or that it is in shared/ and listed under shared in dhash.yml.',
    }),
  },
  {
    kind: 'syntax',
    patterns: [
      /^(?:SyntaxError|IndentationError): (.+)|syntax error near unexpected token (.+)|(ERR_UNKNOWN_FILE_EXTENSION|ERR_REQUIRE_ESM)/,
    ],
    say: (what) => ({
      cause: `The code does not parse: ${what ?? 'syntax error'}.`,
      next: 'Check the Node or Python version on the host, then the release itself.',
    }),
  },
];
