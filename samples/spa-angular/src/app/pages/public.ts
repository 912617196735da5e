import { Component } from '@angular/core'
import { MessagePanel } from '../components/message-panel'
import { PageFrame } from '../components/page-frame'

@Component({
  selector: 'app-public',
  imports: [MessagePanel, PageFrame],
  template: `
    <app-page-frame title="Public Page">
      <p lead class="lead">
        Anyone can read this page, logged in or not.
      </p>
      <app-message-panel title="Public Message" path="/api/messages/public" />
    </app-page-frame>
  `,
})
export class PublicPage {}
