interface PageHeaderOptions {
  /**
   * The page's form leads to an application. Chromium applies `form-action` to every redirect that follows a form, and the
   * application's callback may redirect to any origin or scheme, which no list can name (`docs/decisions/form-action.md`).
   */
  leadsToApplication?: boolean
  /** A log-in in a popup sends a message to its opener, which the strict policy would prevent. */
  inPopup?: boolean
}

/**
 * The headers of every page for people: no script, no foreign content, in no frame, in no cache, and no address of it
 * in a Referer (ASVS 3.4.3 to 3.4.8; RFC 9700, 4.2 and 4.16).
 */
export function pageHeaders({ leadsToApplication, inPopup }: PageHeaderOptions = {}): Record<string, string> {
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
