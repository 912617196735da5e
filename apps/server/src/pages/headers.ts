/** What the headers of a page depend on. */
interface Surroundings {
  /**
   * Where the browser may end up after one of the page's forms, besides this server: Chromium holds the redirects that
   * follow a form to `form-action` too. An address to go back to, of which only the origin (or the scheme) counts.
   */
  leadsTo?: string | undefined
  /** A log-in in a popup reports to the window that opened it, which the strict policy would cut off. */
  inPopup?: boolean
}

/**
 * The headers of every page for people: no script, no foreign content, in no frame, in no cache, and no address of it
 * in a Referer (ASVS 3.4.3 to 3.4.8; RFC 9700, 4.2 and 4.16).
 */
export function pageHeaders({ leadsTo, inPopup }: Surroundings = {}): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      `form-action 'self'${leadsTo ? ` ${sourceOf(leadsTo)}` : ''}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
    ].join('; '),
    'content-type': 'text/html; charset=utf-8',
    'cross-origin-opener-policy': inPopup ? 'unsafe-none' : 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}

/** `https://app.example.com` of a web address, `com.example.app:` of a native application's. */
function sourceOf(address: string): string {
  const { protocol, origin } = new URL(address)
  return /^https?:$/.test(protocol) ? origin : protocol
}
