import { describeProblems, parseConfiguration } from './src/configuration.js'

/** Prints missing or wrong variables in the terminal. The page shows them too. */
export function reportConfiguration() {
  return {
    name: 'report-configuration',
    configResolved({ env, logger }) {
      const parsed = parseConfiguration(env)
      if ('problems' in parsed) logger.error(describeProblems(parsed.problems))
    },
  }
}

/** Sends the headers of a production server from `vite preview`. */
export function securityHeaders() {
  return {
    name: 'security-headers',
    configurePreviewServer({ middlewares, config }) {
      const policy = contentSecurityPolicy(parseConfiguration(config.env))
      middlewares.use((_request, response, next) => {
        response.setHeader('content-security-policy', policy)
        response.setHeader('referrer-policy', 'no-referrer')
        response.setHeader('x-content-type-options', 'nosniff')
        next()
      })
    },
  }
}

/** Allows connections to the two configured servers only, and the frame of the SDK's silent renewal. */
function contentSecurityPolicy(parsed) {
  const servers =
    'configuration' in parsed
      ? {
          issuer: parsed.configuration.authorizationServer,
          api: new URL(parsed.configuration.apiServerUrl).origin,
        }
      : { issuer: '', api: '' }
  return [
    "default-src 'self'",
    `connect-src 'self' ${servers.issuer} ${servers.api}`,
    `frame-src ${servers.issuer || "'none'"}`,
    `img-src 'self' data: https: ${servers.issuer}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}
