import { Logo } from '../logo.jsx'
import { Page } from '../page.jsx'

/** Shown when the client is open at another origin than that of the callback URL. */
export function OtherOriginPage({ home }) {
  const { origin, pathname } = window.location
  return (
    <main className="standalone">
      <Logo />
      <Page
        title="Open this client at its own address"
        lead={
          <>
            You are at <code>{origin}</code>, but <code>VITE_AUTH0_CALLBACK_URL</code> says that this client
            lives at <code>{home}</code>. Logging in works only there.
          </>
        }
      >
        <p>
          <a href={`${home}${pathname}`}>Go to {home}</a>
        </p>
      </Page>
    </main>
  )
}
