import { apiServerUnreachable, Failure } from './failure.js'

/**
 * Requests one message from the API. A refusal is returned, not thrown.
 * @throws {Failure} when the API cannot be reached or answers something other than JSON.
 */
export async function fetchMessage(apiServerUrl, path, accessToken, signal) {
  let response
  let text
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
