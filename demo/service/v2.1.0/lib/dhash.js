// dHash: shrink to 9 x 8 gray cells; each bit says whether a cell is brighter than its left neighbor.

const COLUMNS = 9;
const ROWS = 8;

/** 16 hex digits. */
export function dhash({ gray, width, height }) {
  const columns = spans(COLUMNS, width);
  let hash = '';
  for (const [top, bottom] of spans(ROWS, height)) {
    let bits = 0;
    let before = 0;
    for (let column = 0; column < COLUMNS; column += 1) {
      const [left, right] = columns[column];
      let sum = 0;
      for (let y = top; y < bottom; y += 1) for (let at = y * width + left; at < y * width + right; at += 1) sum += gray[at];
      const cell = sum / ((right - left) * (bottom - top));
      if (column > 0) bits = (bits << 1) | (cell > before ? 1 : 0);
      before = cell;
    }
    hash += bits.toString(16).padStart(2, '0');
  }
  return hash;
}

function spans(of, length) {
  return Array.from({ length: of }, (_, index) => {
    const from = Math.min(length - 1, Math.floor((index * length) / of));
    return [from, Math.max(from + 1, Math.floor(((index + 1) * length) / of))];
  });
}
