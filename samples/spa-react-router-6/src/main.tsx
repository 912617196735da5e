import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { parseConfiguration } from './configuration.ts'
import { MissingConfigurationPage } from './pages/missing-configuration.tsx'
import { OtherOriginPage } from './pages/other-origin.tsx'
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
