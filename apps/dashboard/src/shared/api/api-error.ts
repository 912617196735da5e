import { apiError } from '@rolecall/contract'
import { common } from '../text.ts'

/** A refusal of the Management API: its status, its stable code and its message. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly statusCode: number
  readonly errorCode: string | undefined

  constructor(statusCode: number, message: string, errorCode?: string) {
    super(message)
    this.statusCode = statusCode
    this.errorCode = errorCode
  }

  /** The resource was changed since it was read (RFC 9110 §13.1.1). */
  get isConflictOfVersions(): boolean {
    return this.statusCode === 412
  }

  /** The field that the server found wrong, and what it says about it. */
  get field(): { name: string; message: string } | undefined {
    const match = /^Payload validation error: '(.*)' on property ([\w.[\]]+)/s.exec(this.message)
    if (!match?.[1] || !match[2]) return undefined
    const [first = '', second] = match[2].split(/[.[]/)
    // A form shows the options of a connection, each in a field.
    return { message: plain(match[1]), name: first === 'options' && second ? second : first }
  }

  /** The message for people: without the name of the field or of the error. */
  get explanation(): string {
    const detail = /^Payload validation error: '(.*)'$/s.exec(this.message)?.[1]
    return this.field?.message ?? detail ?? this.message.replace(/^\w+Error: /, '')
  }
}

/** Says what is allowed, where the wire says in Auth0's words what is not. */
function plain(detail: string): string {
  const [, edge, limit = ''] = /^String is too (long, maximum|short, minimum) (\d+)$/.exec(detail) ?? []
  if (edge === undefined) return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}`
  const characters = common.count(Number(limit), 'character', 'characters')
  return edge.startsWith('long') ? `At most ${characters}.` : `At least ${characters}.`
}

/** The session has ended; the browser is being sent to the login page. */
export class SessionEnded extends Error {
  override name = 'SessionEnded'
}

/** The server did not answer. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

export async function toApiError(response: Response): Promise<ApiError> {
  const body = apiError.safeParse(await response.json().catch(() => undefined))
  return body.success
    ? new ApiError(body.data.statusCode, body.data.message, body.data.errorCode)
    : new ApiError(response.status, response.statusText || `Status ${response.status}`)
}
