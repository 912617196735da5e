import { apiServerUnreachable, Failure } from './failure.ts'

/** What the API answered, granted or refused. */
export interface Answer {
  status: number
  body: unknown
}

/** Gets an access token: the current one, or with `renew` a new one, without a log-in page. */
export type GetAccessToken = (renew: boolean) => Promise<string | undefined>

/**
 * Reads one message of the API. A refusal is an answer like any other.
 * @throws {Failure} when the API cannot be reached or answers something other than JSON.
 */
export async function fetchMessage(
  apiServerUrl: string,
  path: string,
  getAccessToken: GetAccessToken | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const request = async (renew: boolean): Promise<{ response: Response; text: string }> => {
    const accessToken = await getAccessToken?.(renew)
    try {
      const response = await fetch(`${apiServerUrl}${path}`, {
        headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      })
      return { response, text: await response.text() }
    } catch (cause) {
      throw apiServerUnreachable(apiServerUrl, cause)
    }
  }
  let { response, text } = await request(false)
  if (getAccessToken !== undefined && asksForNewToken(response)) ({ response, text } = await request(true))
  try {
    return { status: response.status, body: JSON.parse(text) }
  } catch (cause) {
    throw new Failure(
      'The API server answered something else',
      `${apiServerUrl} answered with status ${response.status}, but not in JSON. Is it the Hello World API?`,
      { cause },
    )
  }
}

/** The token is older than a change of what this user may do. A new one may be accepted (docs/guides/live-authorization.md). */
function asksForNewToken(response: Response): boolean {
  return response.headers.get('www-authenticate')?.includes('reason="authorization_changed"') ?? false
}
