// dHash: shrink to 9 x 8 gray cells; each bit says whether a cell is brighter than its left neighbor.

const COLUMNS = 9;
const ROWS = 8;

/** 16 hex digits. */
export function dhash(image) {
  const cells = Array.from({ length: ROWS }, (_, row) => Array.from({ length: COLUMNS }, (_, column) => mean(image, column, row)));
  const bits = cells.map((row) => row.slice(1).map((cell, index) => (cell > row[index] ? '1' : '0')));
  return bits.map((row) => Number.parseInt(row.join(''), 2).toString(16).padStart(2, '0')).join('');
}

function mean(image, column, row) {
  const [left, right] = span(column, COLUMNS, image.width);
  const [top, bottom] = span(row, ROWS, image.height);
  let sum = 0;
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) sum += image.gray[y * image.width + x];
  return sum / ((right - left) * (bottom - top));
}

function span(index, of, length) {
  const from = Math.min(length - 1, Math.floor((index * length) / of));
  return [from, Math.max(from + 1, Math.floor(((index + 1) * length) / of))];
}
