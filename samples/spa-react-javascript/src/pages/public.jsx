import { MessagePanel } from '../message-panel.jsx'
import { Page } from '../page.jsx'

export function PublicPage() {
  return (
    <Page title="Public Page" lead="Anyone can read this page, logged in or not.">
      <MessagePanel title="Public Message" path="/api/messages/public" withAccessToken={false} />
    </Page>
  )
}
