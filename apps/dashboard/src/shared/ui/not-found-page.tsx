import { Link } from 'react-router'
import { EmptyState } from './empty-state.tsx'
import { Page } from './page.tsx'
import { notFound } from './text.ts'

export function NotFoundPage() {
  return (
    <Page title={notFound.title}>
      <EmptyState icon="search" title={notFound.title} action={<Link to="/">{notFound.backToStart}</Link>}>
        {notFound.body}
      </EmptyState>
    </Page>
  )
}
