import { Component } from '@angular/core'

@Component({
  selector: 'app-public',
  standalone: false,
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
