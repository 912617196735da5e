/** The configuration of the API, read once at start. */
export interface Config {
  /** The only origin whose scripts may read responses. */
  clientOrigin: string
  port: number
  /** Logs requests, and puts the reason of a refusal into its challenge. */
  debug: boolean
  /** `tenant.region.auth0.com`, `host:port`, or a full origin. */
  auth0Domain: string
  auth0Audience: string
  /** The application that belongs to this API. With it, a change of authorization takes effect at once. */
  live?: { clientId: string; clientSecret: string }
}

export class ConfigError extends Error {}

/** @throws ConfigError naming every variable that is missing or wrong, in one message */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const read = (name: string, parse: (text: string) => string | undefined, expected: string): string => {
    const text = env[name]?.trim()
    const value = text ? parse(text) : undefined
    if (value === undefined) problems.push(`${name} ${text ? 'must be' : 'is missing: give'} ${expected}`)
    return value ?? ''
  }
  const clientOrigin = read('CLIENT_ORIGIN_URL', originOf, 'an origin such as http://localhost:4040')
  const port = Number(read('PORT', portOf, 'a port such as 6060'))
  const domainExample = 'tenant.region.auth0.com or an origin such as http://localhost:5050'
  const auth0Domain = read('AUTH0_DOMAIN', domainOf, domainExample)
  const auth0Audience = read('AUTH0_AUDIENCE', (text) => text, 'the identifier of this API')
  const live = readLive(env, problems)
  const debug = (env['DEBUG_ENABLE'] ?? env['DEBUG_ENABLED'] ?? '').trim().toLowerCase()
  if (!['', 'true', 'false'].includes(debug)) problems.push('DEBUG_ENABLE must be true or false')
  if (problems.length > 0) throw new ConfigError(`The API cannot start: ${problems.join('; ')}.`)
  return { clientOrigin, port, debug: debug === 'true', auth0Domain, auth0Audience, ...(live && { live }) }
}

function readLive(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Config['live'] | undefined {
  const clientId = env['LIVE_CLIENT_ID']?.trim() ?? ''
  const clientSecret = env['LIVE_CLIENT_SECRET']?.trim() ?? ''
  if ((clientId === '') !== (clientSecret === ''))
    problems.push('LIVE_CLIENT_ID and LIVE_CLIENT_SECRET belong together: give both or neither')
  return clientId && clientSecret ? { clientId, clientSecret } : undefined
}

function originOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const { origin, href } = new URL(text)
  return href === `${origin}/` ? origin : undefined
}

function portOf(text: string): string | undefined {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? text : undefined
}

function domainOf(text: string): string | undefined {
  return originOf(/^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `https://${text}`) && text
}
