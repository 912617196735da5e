import '@mantine/core/styles.css'
import './base.css'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { ConfirmProvider } from '../shared/ui/confirm.tsx'
import { ErrorBoundary } from '../shared/ui/error-boundary.tsx'
import { ToastProvider } from '../shared/ui/toast.tsx'
import { LogIn } from './log-in.tsx'
import { DashboardRoutes, preloadPage } from './routes.tsx'
import { cssVariables, theme } from './theme.ts'

const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
const root = document.querySelector('#root')
if (!root) throw new Error('index.html has no #root')

// A chunk that cannot be had is reported when its page is shown.
const preloaded = preloadPage(location.pathname).catch(() => undefined)

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <ErrorBoundary>
        <BrowserRouter basename="/dashboard">
          <ToastProvider>
            <LogIn preloaded={preloaded}>
              {/* Within the log-in: a question may ask the server what an answer would break. */}
              <ConfirmProvider>
                <DashboardRoutes />
              </ConfirmProvider>
            </LogIn>
          </ToastProvider>
        </BrowserRouter>
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
)
