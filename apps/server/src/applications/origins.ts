import type { Application } from './store.ts'

/**
 * Browser origins that may call the token endpoint for this application: `web_origins`, `allowed_origins` and the
 * origins of its callbacks. The first two can be patterns (`https://*.example.com`).
 */
export function allowedOrigins({ data }: Application): string[] {
  const listed = [...(data.web_origins ?? []), ...(data.allowed_origins ?? [])].flatMap(originOf)
  const ofCallbacks = (data.callbacks ?? []).flatMap(originOf).filter((origin) => !origin.includes('*'))
  return [...new Set([...listed, ...ofCallbacks])]
}

function originOf(url: string): string[] {
  return URL.canParse(url) && /^https?:/i.test(url) ? [new URL(url).origin] : []
}

const originPattern = /^(https?:\/\/)\*((?:\.[a-z0-9-]+){2,}(?::\d+)?)$/

/** Compares whole origins. `*` in a pattern matches one label. */
export function originMatcher(allowed: readonly string[]): (origin: string) => boolean {
  const exact = new Set(allowed)
  const patterns = allowed.flatMap((origin) => {
    const [, scheme, rest] = originPattern.exec(origin) ?? []
    return scheme && rest ? [{ scheme, rest }] : []
  })
  return (origin) =>
    !origin.includes('*') &&
    (exact.has(origin) ||
      patterns.some(
        ({ scheme, rest }) =>
          origin.startsWith(scheme) &&
          origin.endsWith(rest) &&
          /^[a-z0-9-]+$/.test(origin.slice(scheme.length, -rest.length)),
      ))
}
