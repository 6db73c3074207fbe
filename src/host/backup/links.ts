// Where a link leads, decided on names alone: nothing on the disk is followed.

const MAX_HOPS = 40;

/**
 * True when following the link at `path` (`release/...` or `shared/...`) could leave its own tree. Other links on the way are followed as the
 * kernel would, so `a -> .` with `b -> a/..` is seen. A link that leads nowhere, or round in a circle, stays inside.
 */
export function leavesTree(path: string, links: ReadonlyMap<string, string>): boolean {
  const [tree = '', ...inside] = path.split('/');
  const at = inside.slice(0, -1);
  const todo = [links.get(path) ?? ''];
  for (let hops = 0; hops <= MAX_HOPS; ) {
    const next = todo.pop();
    if (next === undefined) return false;
    if (next.startsWith('/') || next.includes('\0') || next.includes('\\')) return true;
    const [segment = '', rest] = cutFirst(next);
    if (rest !== null) todo.push(rest);
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const target = links.get([tree, ...at, segment].join('/'));
    if (target === undefined) {
      at.push(segment);
      continue;
    }
    todo.push(target);
    hops += 1;
  }
  return false;
}

// The rest never begins with a slash, or `a//b` would look absolute.
function cutFirst(path: string): [segment: string, rest: string | null] {
  const cut = path.indexOf('/');
  return cut === -1 ? [path, null] : [path.slice(0, cut), path.slice(cut).replace(/^\/+/, '')];
}
