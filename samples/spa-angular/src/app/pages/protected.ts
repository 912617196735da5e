import { Component } from '@angular/core'
import { MessagePanel } from '../components/message-panel'
import { PageFrame } from '../components/page-frame'

@Component({
  selector: 'app-protected',
  imports: [MessagePanel, PageFrame],
  template: `
    <app-page-frame title="Protected Page">
      <p lead class="lead">
        Everyone who has logged in can read this page.
      </p>
      <app-message-panel title="Protected Message" path="/api/messages/protected" withAccessToken />
    </app-page-frame>
  `,
})
export class ProtectedPage {}
