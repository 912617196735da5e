import { STATUS_CODES } from 'node:http'

/**
 * The errors of the Management API, with the statuses, `errorCode`s and texts of Auth0, which its clients compare.
 * `replyWithApiError` in `error-handler.ts` serializes them. The public text never holds a cause.
 */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly statusCode: number
  readonly errorCode: string | undefined
  readonly target: RefusedTarget | undefined

  constructor(statusCode: number, message: string, errorCode?: string, target?: RefusedTarget) {
    super(message)
    this.statusCode = statusCode
    this.errorCode = errorCode
    this.target = target
  }

  /** The wire form, `{statusCode, error, message[, errorCode]}`. */
  toJSON(): ApiErrorBody {
    return {
      statusCode: this.statusCode,
      error: STATUS_CODES[this.statusCode] ?? 'Error',
      message: this.message,
      ...(this.errorCode !== undefined && { errorCode: this.errorCode }),
    }
  }
}

/** The object that a refused change would have affected. It goes to the tenant's log, not to the caller. */
export interface RefusedTarget {
  type: 'user' | 'role' | 'client' | 'client_grant' | 'connection'
  id: string
}

export interface ApiErrorBody {
  statusCode: number
  /** The reason phrase of the status. */
  error: string
  message: string
  errorCode?: string
}

const error = (statusCode: number, message: string, errorCode?: string) => () =>
  new ApiError(statusCode, message, errorCode)

// Bad input.
export const invalidBody = (detail: string) =>
  new ApiError(400, `Payload validation error: ${detail}`, 'invalid_body')
export const invalidQuery = (detail: string) =>
  new ApiError(400, `Query validation error: ${detail}`, 'invalid_query_string')
export const invalidPath = (detail: string) =>
  new ApiError(400, `Path validation error: ${detail}`, 'invalid_uri')
export const notSupported = (message: string) => new ApiError(400, message, 'operation_not_supported')

// Authentication and authorization.
export const missingAuthentication = error(401, 'Missing authentication')
export const invalidToken = (message = 'Invalid token') => new ApiError(401, message)
/** deploy-cli splits this text at `any of: ` and at commas to name what is missing. */
export const insufficientScope = (scopes: readonly string[]) =>
  new ApiError(403, `Insufficient scope, expected any of: ${scopes.join(',')}`, 'insufficient_scope')
export const forbidden = (message: string, errorCode = 'operation_not_allowed', target?: RefusedTarget) =>
  new ApiError(403, message, errorCode, target)

// Not found. Auth0 ends the message for a user with a full stop.
export const noSuchApi = error(404, 'The resource server does not exist', 'inexistent_resource_server')
export const noSuchRole = error(404, 'The role does not exist', 'inexistent_role')
export const noSuchUser = error(404, 'The user does not exist.', 'inexistent_user')
export const noSuchClient = error(404, 'The client does not exist', 'inexistent_client')
export const noSuchConnection = error(404, 'The connection does not exist', 'inexistent_connection')
export const notFound = (message = 'Not Found', errorCode?: string) => new ApiError(404, message, errorCode)

// Conflicts.
export const apiExists = error(
  409,
  'A resource server with the same identifier already exists',
  'resource_server_exists',
)
export const roleExists = error(409, 'A role with the same name already exists', 'role_conflict')
export const userExists = error(409, 'The user already exists.', 'auth0_idp_error')
export const emailTaken = error(400, 'The specified new email already exists', 'auth0_idp_error')
export const usernameTaken = error(400, 'The specified new username already exists', 'auth0_idp_error')
export const conflict = (message: string, errorCode?: string) => new ApiError(409, message, errorCode)

export const tooManyRequests = error(
  429,
  'Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.',
  'too_many_requests',
)
