import { type ApplicationConfig, ErrorHandler } from '@angular/core'
import { provideRouter, withComponentInputBinding, withInMemoryScrolling } from '@angular/router'
import { provideAuth0 } from '@auth0/auth0-angular'
import { routes } from './app.routes'
import type { Configuration } from './configuration'
import { CONFIGURATION } from './configuration.token'
import { ShownErrors } from './shown-errors'

export function appConfig(configuration: Configuration): ApplicationConfig {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = configuration
  return {
    providers: [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: ErrorHandler, useExisting: ShownErrors },
      provideRouter(
        routes,
        withComponentInputBinding(),
        withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      ),
      provideAuth0({
        domain: authorizationServer,
        clientId,
        authorizationParams: { redirect_uri: callbackUrl, audience },
        errorPath: '/callback',
        // The SDK waits 60 s for a server that does not answer, which looks like a hang.
        authorizeTimeoutInSeconds: 15,
        // A refresh token in memory is lost on reload, so this way of renewal needs localStorage.
        useRefreshTokens,
        useRefreshTokensFallback: useRefreshTokens,
        cacheLocation: useRefreshTokens ? 'localstorage' : 'memory',
      }),
    ],
  }
}
