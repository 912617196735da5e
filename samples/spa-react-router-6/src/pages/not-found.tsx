import { Link } from 'react-router-dom'
import { Page } from '../page.tsx'

export function NotFoundPage() {
  return (
    <Page title="Not Found" lead="There is no page at this address.">
      <p>
        <Link to="/">Go to the start page</Link>
      </p>
    </Page>
  )
}
