import Vue from 'vue'
import VueRouter from 'vue-router'
import App from './app.vue'
import { parseConfiguration } from './configuration.js'
import MissingConfigurationPage from './pages/missing-configuration.vue'
import OtherOriginPage from './pages/other-origin.vue'
import { createAppRouter } from './router.js'
import { createSession } from './session.js'
import './style.css'

Vue.use(VueRouter)
new Vue(start()).$mount('#app')

function start() {
  const parsed = parseConfiguration(import.meta.env)
  if ('problems' in parsed)
    return { render: (h) => h(MissingConfigurationPage, { props: { problems: parsed.problems } }) }
  // Log-in state is kept per origin: a log-in begun at 127.0.0.1 cannot be completed at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin) return { render: (h) => h(OtherOriginPage, { props: { home } }) }
  return createClient(parsed.configuration)
}

function createClient(configuration) {
  const router = createAppRouter()
  Vue.prototype.$configuration = configuration
  Vue.prototype.$session = createSession(configuration, router)
  return { router, render: (h) => h(App) }
}
