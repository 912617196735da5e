import { Component, inject } from '@angular/core'
import { Session } from '../session'

@Component({
  selector: 'app-session-buttons',
  standalone: false,
  template: `
    <!-- Which buttons apply is known once the SDK has looked for a session. -->
    <div class="session-buttons" [attr.aria-hidden]="session.isLoading() || null">
      @if (session.isAuthenticated()) {
        <button type="button" class="button" (click)="session.logOut()">Log Out</button>
      } @else if (!session.isLoading()) {
        <button type="button" class="button button-primary" (click)="session.signUp()">Sign Up</button>
        <button type="button" class="button" (click)="session.logIn()">Log In</button>
      }
    </div>
  `,
})
export class SessionButtons {
  protected readonly session = inject(Session)
}
