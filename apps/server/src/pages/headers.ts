import type { Config } from '../config.ts'
import { assets } from './assets.ts'

interface PageHeaderOptions {
  /**
   * The page's form leads to an application. Chromium applies `form-action` to every redirect that follows a form, and the
   * application's callback may redirect to any origin or scheme, which no list can name (`docs/decisions/form-action.md`).
   */
  leadsToApplication?: boolean
  /** A log-in in a popup sends a message to its opener, which the strict policy would prevent. */
  inPopup?: boolean
  /** The address of the only script that the page may run (CSP Level 3, §6.7.2.8 compares the path too). */
  script?: string | undefined
}

/**
 * The headers of every page for people: no script but the one named, no foreign content, in no frame, in no cache, and no
 * address of it in a Referer (ASVS 3.4.3 to 3.4.8; RFC 9700, 4.2 and 4.16).
 */
export function pageHeaders({
  leadsToApplication,
  inPopup,
  script,
}: PageHeaderOptions = {}): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      ...(script === undefined ? [] : [`script-src ${script}`]),
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

/** The `script` of pages that have forms of `key-form.ts`. */
export function keyScript({ issuer }: Pick<Config, 'issuer'>): string {
  return new URL(assets.keys.path, issuer).href
}
