import { Link } from 'react-router'
import { EmptyState } from './empty-state.tsx'
import { Page } from './page.tsx'
import { notFound as text } from './text.ts'

/** In place of a page. */
export function NotFoundPage() {
  return (
    <Page title={text.title}>
      <EmptyState icon="search" action={<Link to="/">{text.backToStart}</Link>}>
        {text.body}
      </EmptyState>
    </Page>
  )
}

/** In place of a part of a page. */
export function NotFound() {
  return (
    <EmptyState icon="search" title={text.title} action={<Link to="/">{text.backToStart}</Link>}>
      {text.body}
    </EmptyState>
  )
}
