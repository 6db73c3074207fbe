// Which picture seen so far looks most like this one, also when it was turned, mirrored or moved a little.

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const MOVES = [-2, 0, 2];

/** Collects for `warmupMs`, so that the first answers have something to be compared with. */
export function createGallery({ warmupMs, now }) {
  const seen = [];
  return {
    nearest: (hash, image) => {
      const thumbnail = shrink(image);
      const found = now() < warmupMs ? null : best(seen, thumbnail);
      seen.push({ hash, thumbnail });
      return found;
    },
  };
}

function best(seen, thumbnail) {
  let nearest = null;
  for (const other of seen) {
    const difference = leastDifference(other.thumbnail, thumbnail);
    if (nearest === null || difference < nearest.difference) nearest = { hash: other.hash, difference };
  }
  return nearest;
}

function leastDifference(one, other) {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 8; turn += 1) {
    for (const right of MOVES) for (const down of MOVES) least = Math.min(least, difference(one, other, turn, right, down));
  }
  return least;
}

function difference(one, other, turn, right, down) {
  let sum = 0;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) sum += Math.abs(one[y * SIDE + x] - other[place(x + right, y + down, turn)]);
  }
  return sum / PIXELS;
}

function place(x, y, turn) {
  const [column, row] = turn & 4 ? [clamp(y), clamp(x)] : [clamp(x), clamp(y)];
  return (turn & 2 ? SIDE - 1 - row : row) * SIDE + (turn & 1 ? SIDE - 1 - column : column);
}

function clamp(at) {
  return Math.min(SIDE - 1, Math.max(0, at));
}

function shrink({ gray, width, height }) {
  return Uint8Array.from({ length: PIXELS }, (_, at) => {
    const x = Math.floor(((at % SIDE) * width) / SIDE);
    const y = Math.floor((Math.floor(at / SIDE) * height) / SIDE);
    return gray[y * width + x];
  });
}
