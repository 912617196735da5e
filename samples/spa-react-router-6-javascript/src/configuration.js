/** Every variable that a build contains. */
export const variables = [
  'VITE_AUTH0_DOMAIN',
  'VITE_AUTH0_CLIENT_ID',
  'VITE_AUTH0_CALLBACK_URL',
  'VITE_AUTH0_AUDIENCE',
  'VITE_API_SERVER_URL',
  'VITE_AUTH0_USE_REFRESH_TOKENS',
]

/** Reads the variables of an environment and reports all faults together. */
export function parseConfiguration(environment) {
  const problems = []

  function read(variable, parse, expected) {
    const raw = environment[variable]
    const value = typeof raw === 'string' ? raw.trim() : ''
    const parsed = parse(value)
    if (parsed === undefined) {
      const found = value === '' ? 'is missing' : `is ${JSON.stringify(value)}`
      problems.push({ variable, message: `${found}: ${expected}` })
    }
    return parsed
  }

  const authorizationServer = read(
    'VITE_AUTH0_DOMAIN',
    parseDomain,
    'it names the authorization server, such as http://localhost:5050 or tenant.eu.auth0.com',
  )
  const clientId = read('VITE_AUTH0_CLIENT_ID', parseText, 'it is the client ID of this application')
  const callbackUrl = read(
    'VITE_AUTH0_CALLBACK_URL',
    parseUrl,
    'it is an absolute URL of this client, such as http://localhost:4040/callback',
  )
  const audience = read('VITE_AUTH0_AUDIENCE', parseText, 'it is the identifier of the API')
  const apiServerUrl = read(
    'VITE_API_SERVER_URL',
    parseUrl,
    'it is the absolute URL of the API server, such as http://localhost:6060',
  )
  const useRefreshTokens = read('VITE_AUTH0_USE_REFRESH_TOKENS', parseSwitch, 'it is true or false')

  if (
    authorizationServer === undefined ||
    clientId === undefined ||
    callbackUrl === undefined ||
    audience === undefined ||
    apiServerUrl === undefined ||
    useRefreshTokens === undefined
  ) {
    return { problems }
  }
  return {
    configuration: { authorizationServer, clientId, callbackUrl, audience, apiServerUrl, useRefreshTokens },
  }
}

function parseText(value) {
  return value === '' ? undefined : value
}

function parseUrl(value) {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? value.replace(/\/+$/, '') : undefined
}

/** A bare host means https, as at Auth0. The trailing slash is removed, because spa-js would request `//authorize`. */
function parseDomain(value) {
  const withScheme = /^https?:\/\//.test(value) ? value : `https://${value}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  return url !== undefined && `${url.origin}/` === url.href ? url.origin : undefined
}

function parseSwitch(value) {
  if (value === '' || value === 'false') return false
  return value === 'true' ? true : undefined
}

/** The faults as text for a terminal. */
export function describeProblems(problems) {
  const lines = problems.map(({ variable, message }) => `  ${variable} ${message}`)
  return [
    'The client is not configured. Set these in its environment or in .env, as .env.example shows:',
    ...lines,
  ].join('\n')
}

/** @returns 4040, the tutorial's port, without a value. @throws when the value is not a port */
export function parsePort(value = '') {
  const port = value === '' ? 4040 : Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`PORT is ${JSON.stringify(value)}: it is a number from 1 to 65535`)
}
