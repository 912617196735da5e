import { MessagePanel } from '../message-panel.jsx'
import { Page } from '../page.jsx'

export function AdminPage() {
  return (
    <Page
      title="Admin Page"
      lead={
        <>
          Everyone who has logged in can open this page. What it shows is up to the API: it answers with its
          message only when the access token carries the permission <code>read:admin-messages</code>.
        </>
      }
    >
      <MessagePanel title="Admin Message" path="/api/messages/admin" withAccessToken />
    </Page>
  )
}
