import type { FuzzAnswer } from './request.ts'

/** A page or a redirect; what the server refuses before the page is reached is JSON. */
export function page(answer: FuzzAnswer): string | undefined {
  const { status, type, location, text } = answer
  if (status >= 300 && status < 400)
    return location !== undefined && URL.canParse(location, 'http://localhost/')
      ? undefined
      : 'redirects nowhere'
  if (type.startsWith('text/html'))
    return text.includes('</html>') || text.includes('<form') ? undefined : 'no page'
  return status >= 400 ? oauthJson(answer) : `content type ${type}`
}

/** RFC 6749, section 5.2. */
export function oauthJson({ status, type, text }: FuzzAnswer): string | undefined {
  if (status < 300)
    return text === '' || type.startsWith('application/json') ? undefined : `content type ${type}`
  const body = membersOf(text)
  return typeof body?.['error'] === 'string' && typeof body['error_description'] === 'string'
    ? undefined
    : `not the form of an error: ${text.slice(0, 300)}`
}

/** Auth0's two forms of an error at these endpoints, or the server's own for what reached none. */
export function dbconnections(answer: FuzzAnswer): string | undefined {
  const { status, text } = answer
  if (status < 300) return undefined
  const body = membersOf(text)
  if (body?.['error'] !== undefined) return oauthJson(answer)
  return body?.['statusCode'] === status &&
    typeof body['code'] === 'string' &&
    body['description'] !== undefined
    ? undefined
    : `not the form of an error: ${text.slice(0, 300)}`
}

export function json(answer: FuzzAnswer): string | undefined {
  if (answer.status >= 400) return oauthJson(answer)
  return membersOf(answer.text) ? undefined : 'not a JSON object'
}

/** Any answer that is no 5xx. */
export const any = () => undefined

function membersOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
