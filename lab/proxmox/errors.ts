/**
 * An answer other than 200. The message is Proxmox' own text: it becomes the HTTP reason phrase and `message`
 * in the body (pve-common src/PVE/Exception.pm, pve-manager PVE/HTTPServer.pm rest_handler).
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Text by parameter, for status 400. */
    readonly errors?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

/** What a plain `die` becomes: status 500. */
export const failure = (message: string): ApiError => new ApiError(500, message);

/** `raise_param_exc`: status 400, one text for each parameter. */
export const badParameters = (errors: Readonly<Record<string, string>>): ApiError =>
  new ApiError(400, 'Parameter verification failed.', errors);

/** `raise_perm_exc`: status 403. */
export const forbidden = (what?: string): ApiError =>
  new ApiError(403, what === undefined ? 'Permission check failed' : `Permission check failed (${what})`);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
