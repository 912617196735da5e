import { mount } from 'svelte'
import App from './app.svelte'
import { parseConfiguration } from './configuration.ts'
import MissingConfigurationPage from './pages/missing-configuration.svelte'
import OtherOriginPage from './pages/other-origin.svelte'
import { createSession } from './session.svelte.ts'
import './style.css'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has no element #app')
start(target)

function start(element: HTMLElement) {
  const parsed = parseConfiguration(import.meta.env)
  if ('problems' in parsed)
    return mount(MissingConfigurationPage, { target: element, props: { problems: parsed.problems } })
  // Log-in state is kept per origin: a log-in begun at 127.0.0.1 cannot be completed at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin) return mount(OtherOriginPage, { target: element, props: { home } })
  return mount(App, { target: element, props: { session: createSession(parsed.configuration) } })
}
