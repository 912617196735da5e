import { Component } from '@angular/core'
import { MessagePanel } from '../components/message-panel'
import { PageFrame } from '../components/page-frame'

@Component({
  selector: 'app-admin',
  imports: [MessagePanel, PageFrame],
  template: `
    <app-page-frame title="Admin Page">
      <p lead class="lead">
        Everyone who has logged in can open this page. What it shows is up to the API: it answers with its
        message only when the access token carries the permission <code>read:admin-messages</code>.
      </p>
      <app-message-panel title="Admin Message" path="/api/messages/admin" withAccessToken />
    </app-page-frame>
  `,
})
export class AdminPage {}
