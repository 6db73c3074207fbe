// What a backup may hold. Creating obeys the same limits that reading enforces, so our own backups always pass.

/** Files, folders and links together, manifest included. */
export const MAX_ENTRIES = 100_000;
/** Uncompressed bytes of one entry per compressed byte. */
export const MAX_ENTRY_RATIO = 200;
/** Uncompressed bytes of all entries per byte of the zip. */
export const MAX_TOTAL_RATIO = 20;
/** Creating stays below both ratios, block by block. */
export const OWN_RATIO = 18;
export const MAX_SEGMENT_BYTES = 255;
export const MAX_PATH_BYTES = 4_096;
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
/** Files are compressed in blocks of this size. Larger ones are no faster, and leave the allocator with more that it does not give back. */
export const BLOCK_BYTES = 128 * 1024;
/** The same for what a large entry is read and unpacked in. */
export const PIECE_BYTES = 64 * 1024;
/** What is read from a zip at once, and the most that one entry may unpack to without being large. */
export const RUN_BYTES = 1024 * 1024;

export const MANIFEST = 'manifest.json';
export const VERSION = 'VERSION';
/** Written into a restored release to know it again; never part of a backup. */
export const RESTORED = '.dhash-restored.json';
