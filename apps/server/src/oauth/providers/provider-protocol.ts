import type { Provider } from '../../connections/provider.ts'

/** What a provider says about a person, by the names that it uses. */
export type Claims = Record<string, unknown>

/** The values that bind a response to the request, which this browser sent to this provider. */
export interface Departure {
  redirectUri: string
  state: string
  nonce: string
  codeVerifier: string
  /** The provider must have checked the person within so many seconds. */
  maxAge?: number | undefined
}

/** The authorization request that a person is sent to the provider with. */
export interface LogInRequest extends Departure {
  loginHint?: string | undefined
  /** `login` or `select_account`. */
  prompt?: string | undefined
}

/** A person who has logged in at the provider. */
export interface Arrival {
  /** Unique at the provider, and never given to somebody else. */
  subject: string
  claims: Claims
  /** What the userinfo endpoint sent of them. Empty where it was not asked. */
  userinfo: Claims
  /** When the provider checked the person, in seconds since the epoch, where it says so. */
  authTime?: number
}

/** How a strategy logs in. */
export interface ProviderProtocol {
  /** @returns the address to send the browser to @throws {ProviderError} */
  begin(provider: Provider, request: LogInRequest): Promise<string>
  /** @param response the parameters that the provider sent the browser back with @throws {ProviderError} */
  complete(provider: Provider, departure: Departure, response: URLSearchParams): Promise<Arrival>
}
