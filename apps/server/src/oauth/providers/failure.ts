import { OutboundError } from '../../http/outbound.ts'

/** Why a log-in at another provider did not succeed. The log-in page has a sentence for each. */
export type FailureKind =
  /** The person, or the provider, refused. */
  | 'provider_denied'
  /** The provider did not answer, or not in time. */
  | 'provider_unavailable'
  /** The provider does not say that the person has just logged in, which the application requires. */
  | 'provider_not_fresh'
  /** Anything else: its answer was wrong, or the connection is set up wrongly. */
  | 'provider_failed'

/** The message is for the log. It may name what a provider sent, and holds no token and no code. */
export class ProviderError extends Error {
  override name = 'ProviderError'
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** What openid-client, the network or a parser threw, for the log-in page and the log. */
export function toProviderError(error: unknown, stage: string): ProviderError {
  if (error instanceof ProviderError) return error
  const causes = causesOf(error)
  const outbound = causes.find((cause) => cause instanceof OutboundError)
  if (outbound)
    return new ProviderError('provider_unavailable', `${stage}: ${outbound.message}`, { cause: error })
  const status = causes.map((cause) => memberOf(cause, 'status')).find((value) => typeof value === 'number')
  const isDown = status !== undefined && (status >= 500 || status === 429)
  return new ProviderError(
    isDown ? 'provider_unavailable' : 'provider_failed',
    `${stage}: ${describe(causes, status)}`,
    { cause: error },
  )
}

/** The error and what caused it, outermost first. A cause may hold the response: GitHub sends errors with the status 200. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = []
  for (let cause = error; cause !== undefined && causes.length < 5; cause = memberOf(cause, 'cause'))
    causes.push(cause)
  const body = causes
    .map((cause) => memberOf(cause, 'body'))
    .find((value) => memberOf(value, 'error') !== undefined)
  return body === undefined ? causes : [...causes, body]
}

/** The messages, the OAuth error, the status, and the name of a claim, without its value. */
function describe(causes: readonly unknown[], status: number | undefined): string {
  const messages = causes.flatMap((cause) => (cause instanceof Error ? cause.message : []))
  const details = ['error', 'error_description', 'claim', 'attribute', 'parameter'].flatMap((name) =>
    causes
      .map((cause) => memberOf(cause, name))
      .filter((value) => typeof value === 'string')
      .slice(0, 1),
  )
  const parts = [...new Set([...messages, ...details]), ...(status === undefined ? [] : [`status ${status}`])]
  return parts.join(', ').slice(0, 500)
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
