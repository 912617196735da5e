/** What the headers of a page depend on. */
interface Surroundings {
  /**
   * The page's form ends at an application. Chromium applies `form-action` to every redirect that follows a form, and the
   * application's callback may redirect to any origin or scheme: no list of ours can name them
   * (`docs/decisions/form-action.md`).
   */
  leadsToApplication?: boolean
  /** A log-in in a popup reports to the window that opened it, which the strict policy would cut off. */
  inPopup?: boolean
}

/**
 * The headers of every page for people: no script, no foreign content, in no frame, in no cache, and no address of it
 * in a Referer (ASVS 3.4.3 to 3.4.8; RFC 9700, 4.2 and 4.16).
 */
export function pageHeaders({ leadsToApplication, inPopup }: Surroundings = {}): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      ...(leadsToApplication ? [] : ["form-action 'self'"]),
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
