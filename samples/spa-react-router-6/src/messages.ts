import { apiServerUnreachable, Failure } from './failure.ts'

/** A response of the API, success or refusal. */
export interface Answer {
  status: number
  body: unknown
}

/**
 * Requests one message from the API. A refusal is returned, not thrown.
 * @throws {Failure} when the API cannot be reached or answers something other than JSON.
 */
export async function fetchMessage(
  apiServerUrl: string,
  path: string,
  accessToken: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  let response: Response
  let text: string
  try {
    response = await fetch(`${apiServerUrl}${path}`, {
      headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    })
    text = await response.text()
  } catch (cause) {
    throw apiServerUnreachable(apiServerUrl, cause)
  }
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
