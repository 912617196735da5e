import { Component } from '@angular/core'

@Component({
  selector: 'app-not-found',
  standalone: false,
  template: `
    <app-page-frame title="Not Found">
      <p lead class="lead">There is no page at this address.</p>
      <p><a routerLink="/">Go to the start page</a></p>
    </app-page-frame>
  `,
})
export class NotFoundPage {}
