import type { Plugin } from 'vite'
import { describeProblems, type ParsedConfiguration, parseConfiguration } from './src/configuration.ts'

/** Prints missing or wrong variables in the terminal. The page shows them too. */
export function reportConfiguration(): Plugin {
  return {
    name: 'report-configuration',
    configResolved({ env, logger }) {
      const parsed = parseConfiguration(env)
      if ('problems' in parsed) logger.error(describeProblems(parsed.problems))
    },
  }
}

/** Sends the headers of a production server from `vite preview`. */
export function securityHeaders(): Plugin {
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
function contentSecurityPolicy(parsed: ParsedConfiguration): string {
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
