import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.jsx'
import { parseConfiguration } from './configuration.js'
import { MissingConfigurationPage } from './pages/missing-configuration.jsx'
import { OtherOriginPage } from './pages/other-origin.jsx'
import './style.css'

function start() {
  const parsed = parseConfiguration(import.meta.env)
  if ('problems' in parsed) return <MissingConfigurationPage problems={parsed.problems} />
  // Log-in state is stored per origin: a log-in started at 127.0.0.1 could not complete at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin) return <OtherOriginPage home={home} />
  return <App configuration={parsed.configuration} />
}

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(<StrictMode>{start()}</StrictMode>)
