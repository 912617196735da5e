import { Button } from '@mantine/core'
import './app.css'

/** A page that says one thing, before there is anything else to show. */
export function Notice({
  title,
  body,
  action,
  onAction,
}: {
  title: string
  body: string
  action: string
  onAction: () => void
}) {
  return (
    <main className="notice-page">
      <div className="notice">
        <h1>{title}</h1>
        <p role="alert">{body}</p>
        <Button variant="filled" onClick={onAction}>
          {action}
        </Button>
      </div>
    </main>
  )
}
