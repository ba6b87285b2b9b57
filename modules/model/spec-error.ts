/** A value that can't be what it should be. The message says which value, and why not; it is a user's mistake, never ours. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
}
