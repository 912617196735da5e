import { createAuth0 } from '@auth0/auth0-vue'
import { createApp } from 'vue'
import App from './app.vue'
import { type Configuration, parseConfiguration } from './configuration.ts'
import MissingConfigurationPage from './pages/missing-configuration.vue'
import OtherOriginPage from './pages/other-origin.vue'
import { createAppRouter } from './router.ts'
import { createSession } from './session.ts'
import './style.css'

start().mount('#app')

function start() {
  const parsed = parseConfiguration(import.meta.env)
  if ('problems' in parsed) return createApp(MissingConfigurationPage, { problems: parsed.problems })
  // Log-in state is kept per origin: a log-in begun at 127.0.0.1 cannot be completed at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin) return createApp(OtherOriginPage, { home })
  return createClient(parsed.configuration)
}

function createClient(configuration: Configuration) {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = configuration
  const auth0 = createAuth0(
    {
      domain: authorizationServer,
      clientId,
      authorizationParams: { redirect_uri: callbackUrl, audience },
      // The SDK waits 60 s for a server that does not answer, which looks like a hang.
      authorizeTimeoutInSeconds: 15,
      // A refresh token in memory is lost on reload, so this way of renewal needs localStorage.
      useRefreshTokens,
      useRefreshTokensFallback: useRefreshTokens,
      cacheLocation: useRefreshTokens ? 'localstorage' : 'memory',
    },
    { errorPath: '/callback' },
  )
  const app = createApp(App)
  app.config.globalProperties.$configuration = configuration
  // The router comes first: after a log-in the SDK uses it to open the page that was asked for.
  return app.use(createAppRouter()).use(auth0).use(createSession(auth0, authorizationServer))
}
