/** The code a library error carries (ENOENT, ECONNREFUSED ...), or null: errors are told apart by it, never by their text. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
