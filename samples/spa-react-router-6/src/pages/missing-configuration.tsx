import type { Problem } from '../configuration.ts'
import { Logo } from '../logo.tsx'
import { Page } from '../page.tsx'

/** What a developer sees instead of a blank page while the client lacks its settings. */
export function MissingConfigurationPage({ problems }: { problems: Problem[] }) {
  return (
    <main className="standalone">
      <Logo />
      <Page
        title="Missing configuration"
        lead={
          <>
            This client cannot start yet. Set these variables in its environment or in <code>.env</code>, as{' '}
            <code>.env.example</code> shows, then build it or start it again.
          </>
        }
      >
        <div role="alert">
          <dl className="problems">
            {problems.map(({ variable, message }) => (
              <div key={variable}>
                <dt>
                  <code>{variable}</code>
                </dt>
                <dd>{message}</dd>
              </div>
            ))}
          </dl>
        </div>
      </Page>
    </main>
  )
}
