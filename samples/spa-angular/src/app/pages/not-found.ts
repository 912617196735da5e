import { Component } from '@angular/core'
import { RouterLink } from '@angular/router'
import { PageFrame } from '../components/page-frame'

@Component({
  selector: 'app-not-found',
  imports: [PageFrame, RouterLink],
  template: `
    <app-page-frame title="Not Found">
      <p lead class="lead">There is no page at this address.</p>
      <p><a routerLink="/">Go to the start page</a></p>
    </app-page-frame>
  `,
})
export class NotFoundPage {}
