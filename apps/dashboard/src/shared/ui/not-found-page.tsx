import { Link } from 'react-router'
import { shell } from '../../strings/common.ts'
import { EmptyState } from './empty-state.tsx'
import { Page } from './page.tsx'

export function NotFoundPage() {
  return (
    <Page title={shell.notFoundTitle}>
      <EmptyState icon="search" title={shell.notFoundTitle} action={<Link to="/">{shell.backToStart}</Link>}>
        {shell.notFoundBody}
      </EmptyState>
    </Page>
  )
}
