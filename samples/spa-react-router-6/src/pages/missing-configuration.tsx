import type { Problem } from '../configuration.ts'
import { Logo } from '../logo.tsx'
import { Page } from '../page.tsx'

/** Shown to a developer while settings of the client are missing. */
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
