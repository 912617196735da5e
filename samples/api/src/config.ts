/** What the API needs to know, read once at start. */
export interface Config {
  /** The one origin whose scripts may read answers. */
  clientOrigin: string
  port: number
  /** Request logs, and the reason of a refusal in its challenge. */
  debug: boolean
  /** `tenant.region.auth0.com`, `host:port`, or a full origin. */
  auth0Domain: string
  auth0Audience: string
}

export class ConfigError extends Error {}

/** @throws ConfigError naming every variable that is missing or wrong, in one message */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const required = <Value>(
    name: string,
    parse: (text: string) => Value | undefined,
    expected: string,
  ): Value => {
    const text = env[name]?.trim()
    const value = text ? parse(text) : undefined
    if (value === undefined) problems.push(`${name} ${text ? 'must be' : 'is missing: give'} ${expected}`)
    // Not used when there is a problem: then nothing is returned at all.
    return value as Value
  }
  const debugText = (env['DEBUG_ENABLE'] ?? env['DEBUG_ENABLED'] ?? '').trim().toLowerCase()
  if (!['', 'true', 'false'].includes(debugText)) problems.push('DEBUG_ENABLE must be true or false')
  const config: Config = {
    clientOrigin: required('CLIENT_ORIGIN_URL', originOf, 'an origin such as http://localhost:4040'),
    port: required('PORT', portOf, 'a port such as 6060'),
    debug: debugText === 'true',
    auth0Domain: required(
      'AUTH0_DOMAIN',
      domainOf,
      'tenant.region.auth0.com or an origin such as http://localhost:5050',
    ),
    auth0Audience: required('AUTH0_AUDIENCE', (text) => text, 'the identifier of this API'),
  }
  if (problems.length > 0) throw new ConfigError(`The API cannot start: ${problems.join('; ')}.`)
  return config
}

function originOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const { origin, href } = new URL(text)
  return href === `${origin}/` ? origin : undefined
}

function portOf(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined
}

function domainOf(text: string): string | undefined {
  return originOf(/^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `https://${text}`) && text
}
