import { MessagePanel } from '../message-panel.tsx'
import { Page } from '../page.tsx'

export function PublicPage() {
  return (
    <Page title="Public Page" lead="Anyone can read this page, logged in or not.">
      <MessagePanel title="Public Message" path="/api/messages/public" withAccessToken={false} />
    </Page>
  )
}
