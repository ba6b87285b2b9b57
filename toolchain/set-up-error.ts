/** Something that the user can put right: printed as it is, without a trace. Ends with exit status 1. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';
}

/** A step whose own log says more. */
export class StepError extends SetUpError {
  constructor(
    message: string,
    /** Path of the log. */
    readonly log: string,
    /** What the step printed. */
    readonly output: string,
  ) {
    super(message);
  }
}
