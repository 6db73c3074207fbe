import { expect, test } from 'vitest';
import { causeHint, probableCause } from '../../src/host/commands/causes.ts';

const ended = (text: string, more: { exitCode?: number | null; signal?: string | null; errno?: string | null } = {}) => ({
  exitCode: 1,
  signal: null,
  errno: null,
  program: 'npm',
  ...more,
  tail: text.split('\n'),
});

test.for([
  [
    'node: port',
    'node:events:486\n      throw er;\nError: listen EADDRINUSE: address already in use :::9101\n    at Server.setupListenHandle',
    'port-in-use',
    "ss -ltnp 'sport = :9101'",
  ],
  ['node: port on an address', 'Error: listen EADDRINUSE: address already in use 127.0.0.1:8080', 'port-in-use', "'sport = :8080'"],
  ['python: port', 'OSError: [Errno 98] Address already in use', 'port-in-use', 'ss -ltnp'],
  ['nginx: port', 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 'port-in-use', "'sport = :80'"],
  ['docker: port', 'Bind for 0.0.0.0:5432 failed: port is already allocated\nport 5432 already in use', 'port-in-use', "'sport = :5432'"],
  [
    'npm: disk',
    'npm error code ENOSPC\nnpm error syscall write\nnpm error errno -28\nnpm error nospc ENOSPC: no space left on device, write',
    'disk-full',
    'df -h',
  ],
  ['tar: disk', 'tar: x: Cannot write: No space left on device', 'disk-full', 'df -h'],
  [
    'node: memory',
    '<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'out-of-memory',
    'free -m',
  ],
  ['bash: memory', 'bash: fork: Cannot allocate memory', 'out-of-memory', 'free -m'],
  ['bash: variable', './migrate.sh: line 4: DATABASE_URL: unbound variable', 'missing-variable', 'DATABASE_URL'],
  ['sh: variable', 'sh: 1: DATABASE_URL: parameter not set', 'missing-variable', 'DATABASE_URL'],
  [
    'python: variable',
    'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in <module>\nKeyError: \'API_URL\'',
    'missing-variable',
    'API_URL',
  ],
  ['node: variable', 'Error: Missing required environment variable: REDIS_URL', 'missing-variable', 'REDIS_URL'],
  ['node: variable, other way around', 'Error: REDIS_URL environment variable is not set', 'missing-variable', 'REDIS_URL'],
  ['node: variable is required', 'Error: JWT_SECRET is required', 'missing-variable', 'JWT_SECRET'],
  ['git: https login', "fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'git-auth', 'git ls-remote'],
  [
    'git: ssh key',
    'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
    'git-auth',
    'known_hosts',
  ],
  ['git: host key', 'Host key verification failed.\nfatal: Could not read from remote repository.', 'git-auth', 'known_hosts'],
  [
    'git: owner',
    "fatal: detected dubious ownership in repository at '/srv/git/mobius.git'\nTo add an exception for this directory, call:",
    'git-owner',
    'safe.directory /srv/git/mobius.git',
  ],
  [
    'git: no repository',
    "fatal: '/srv/git/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    'git-repository',
    'dhash.yml',
  ],
  [
    'git: dns',
    "fatal: unable to access 'https://git.example.com/x.git/': Could not resolve host: git.example.com",
    'dns',
    'getent hosts git.example.com',
  ],
  [
    'npm: dns',
    'npm error code ENOTFOUND\nnpm error request to https://registry.example.com/x failed, reason: getaddrinfo ENOTFOUND registry.example.com',
    'dns',
    'DNS',
  ],
  ['python: dns', 'urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>', 'dns', 'resolv.conf'],
  ['node: refused', 'Error: connect ECONNREFUSED 127.0.0.1:5432', 'refused', '127.0.0.1:5432'],
  [
    'git: refused',
    "fatal: unable to access 'http://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
    'refused',
    '127.0.0.1 port 1',
  ],
  ['npm: timeout', 'npm error code ETIMEDOUT\nnpm error network request to https://x failed', 'network-timeout', 'firewall'],
  ['node: reset', 'Error: read ECONNRESET', 'network', 'ip route'],
  ['git: hung up', 'fatal: the remote end hung up unexpectedly', 'network', 'ip route'],
  ['node: certificate', "Error: self-signed certificate; code: 'SELF_SIGNED_CERT_IN_CHAIN'", 'certificate', 'CA'],
  [
    'npm: script',
    'npm error Missing script: "smoke:production"\nnpm error\nnpm error To see a list of scripts, run:',
    'missing-script',
    'smoke:production',
  ],
  [
    'npm: lockfile',
    'npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.',
    'lockfile',
    'lockfile',
  ],
  ['node: read-only', "Error: EROFS: read-only file system, open '/srv/x'", 'read-only', 'findmnt'],
  ['touch: read-only', "touch: cannot touch '/srv/x': Read-only file system", 'read-only', 'findmnt'],
  ['npm: engine', 'npm error code EBADENGINE\nnpm error engine Unsupported engine', 'engine', 'node --version'],
  [
    'node: module',
    "node:internal/modules/cjs/loader:1228\nError: Cannot find module 'express'\nRequire stack:",
    'missing-module',
    'express',
  ],
  ['node: package', "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod' imported from /srv/app.js", 'missing-module', 'zod'],
  ['python: module', "ModuleNotFoundError: No module named 'numpy'", 'missing-module', 'numpy'],
  ['bash: program', './build.sh: line 2: ffmpeg: command not found', 'program-not-found', 'command -v ffmpeg'],
  ['sh: program', 'sh: 1: ffmpeg: not found', 'program-not-found', 'command -v ffmpeg'],
  ['env: program', "/usr/bin/env: 'python3': No such file or directory", 'program-not-found', 'python3'],
  ['node: right', "Error: EACCES: permission denied, open '/srv/data/x.db'", 'permission-denied', 'ls -ld /srv/data/x.db'],
  [
    'npm: right',
    "npm error code EACCES\nnpm error syscall mkdir\nnpm error Error: EACCES: permission denied, mkdir '/srv/app/node_modules'",
    'permission-denied',
    '/srv/app/node_modules',
  ],
  ['python: right', "PermissionError: [Errno 13] Permission denied: '/srv/data'", 'permission-denied', '/srv/data'],
  ['bash: right', 'bash: ./run.sh: Permission denied', 'permission-denied', './run.sh'],
  ['node: file', "Error: ENOENT: no such file or directory, open '/srv/config.json'", 'missing-file', '/srv/config.json'],
  ['python: file', "FileNotFoundError: [Errno 2] No such file or directory: 'config.yml'", 'missing-file', 'config.yml'],
  ['bash: file', 'cat: notes.txt: No such file or directory', 'missing-file', 'notes.txt'],
  ['node: syntax', "/srv/a.js:3\nSyntaxError: Unexpected token '}'", 'syntax', 'Unexpected token'],
] as const)('%s', ([, text, kind, says]) => {
  const found = probableCause(ended(text));
  expect(found?.kind).toBe(kind);
  expect(causeHint(ended(text))).toContain(says);
});

test('knows endings that print nothing', () => {
  expect(probableCause(ended('', { exitCode: null, signal: 'SIGKILL' }))?.kind).toBe('killed');
  expect(probableCause(ended('', { exitCode: 137 }))?.kind).toBe('killed');
  expect(probableCause(ended('', { exitCode: null, signal: 'SIGSEGV' }))?.cause).toContain('SIGSEGV');
  expect(probableCause(ended('', { exitCode: 127 }))?.kind).toBe('program-not-found');
  expect(probableCause(ended('', { exitCode: 126 }))?.kind).toBe('permission-denied');
  expect(probableCause(ended('', { exitCode: null, errno: 'ENOENT' }))?.cause).toContain('npm is not installed');
  expect(probableCause(ended('', { exitCode: null, errno: 'EACCES' }))?.kind).toBe('permission-denied');
  expect(probableCause(ended('', { exitCode: null, errno: 'EAGAIN' }))?.kind).toBe('out-of-memory');
});

test('guesses nothing from words that tell nothing', () => {
  expect(probableCause(ended('12 tests failed\nAssertionError: expected 1 to be 2'))).toBeNull();
  expect(causeHint(ended(''))).toBeNull();
});
