import { useRouteError } from 'react-router'
import { Logo } from '../logo.jsx'
import { FailureNotice } from '../notice.jsx'
import { Page } from '../page.jsx'

/** Shown in place of a page that failed to render, which would otherwise be blank. */
export function UnexpectedPage() {
  return (
    <main className="standalone">
      <Logo />
      <Page title="This page failed">
        <FailureNotice
          failure={useRouteError()}
          action={{ label: 'Go to the start page', run: () => window.location.assign('/') }}
        />
      </Page>
    </main>
  )
}
