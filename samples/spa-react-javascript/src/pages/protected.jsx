import { MessagePanel } from '../message-panel.jsx'
import { Page } from '../page.jsx'

export function ProtectedPage() {
  return (
    <Page title="Protected Page" lead="Everyone who has logged in can read this page.">
      <MessagePanel title="Protected Message" path="/api/messages/protected" withAccessToken />
    </Page>
  )
}
