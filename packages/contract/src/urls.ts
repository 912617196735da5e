import { z } from 'zod'

/**
 * URLs in the configuration, each with the rule of the place that uses it. All are absolute and printable ASCII
 * (RFC 3986 §2), because they are compared as text and sent in `Location` headers.
 */

/** Schemes that run as script in the page with the link, or that read local files. */
const unsafeSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'file:',
  'filesystem:',
  'about:',
  'view-source:',
])

const address = (problemOf: (url: string) => string | undefined) =>
  z
    .string()
    .max(2_048)
    .superRefine((url, context) => {
      const message = problemOf(url)
      if (message) context.addIssue({ code: 'custom', message })
    })

function problemOfAbsolute(url: string): string | undefined {
  if (!/^[\x21-\x7e]*$/.test(url))
    return 'must be printable ASCII without spaces: write other characters percent-encoded, a host name in its xn-- form'
  if (!URL.canParse(url)) return 'must be an absolute URL, such as https://app.example.com/callback'
  const { protocol, username, password } = new URL(url)
  if (unsafeSchemes.has(protocol)) return `must not use the scheme ${protocol}`
  if (/^https?:$/.test(protocol) && !/^https?:\/\//i.test(url)) return 'must begin with https:// or http://'
  if (username || password) return 'must not contain a user name or a password'
  return undefined
}

/** For URLs that are compared exactly, so a pattern would never match. */
function problemOfExact(url: string): string | undefined {
  return /[*{}]/.test(url)
    ? 'must not contain *, { or }: addresses are compared exactly, so list each address'
    : problemOfAbsolute(url)
}

/** Without the fragment that RFC 6749 §3.1.2 forbids. Custom schemes (`com.example.app:/callback`) are legal. */
export const redirectUrl = address((url) =>
  url.includes('#') ? 'must be an absolute URL without a fragment' : problemOfExact(url),
)

/** Where this server sends requests itself: the rules of a callback, and http or https. */
export const webhookUrl = address((url) => {
  if (url.includes('#')) return 'must be an absolute URL without a fragment'
  return problemOfExact(url) ?? (/^https?:/i.test(url) ? undefined : 'must be an http(s) URL')
})

/** Where a browser goes after a log-out or a ticket. It may have a fragment, because nothing is appended to it. */
export const returnUrl = address(problemOfExact)

/**
 * `scheme://host[:port]`. Of a whole URL, which Auth0's tools send too, the origin counts. `*` stands for one label, the first of
 * a host name with at least three: `https://*.example.com`.
 */
export const webOrigin = address((url) => {
  const problem = problemOfAbsolute(url)
  if (problem) return problem
  if (!/^https?:\/\//i.test(url)) return 'must be an http(s) origin, such as https://app.example.com'
  return !url.includes('*') || /^https?:\/\/\*(\.[a-z0-9-]+){2,}(:\d+)?\/?$/i.test(url)
    ? undefined
    : 'may contain * only as the whole first label of a host name, as in https://*.example.com'
})

/** A URL that a page uses as a link or an image. Empty means none. */
export const link = address((url) => {
  if (url === '') return undefined
  return problemOfAbsolute(url) ?? (/^https?:/i.test(url) ? undefined : 'must be an http(s) URL')
})
