import { Component, computed, inject, signal } from '@angular/core'
import { CodeBlock } from '../components/code-block'
import { PageFrame } from '../components/page-frame'
import { Session } from '../session'

@Component({
  selector: 'app-profile',
  imports: [CodeBlock, PageFrame],
  template: `
    <app-page-frame title="Profile Page">
      <p lead class="lead">What the authorization server told this client about you.</p>
      @let picture = user()?.picture;
      @let email = user()?.email;
      <div class="person">
        @if (picture && !broken()) {
          <img
            class="portrait"
            [src]="picture"
            alt=""
            referrerpolicy="no-referrer"
            (error)="broken.set(true)"
          />
        } @else {
          <span class="portrait" aria-hidden="true">{{ name().charAt(0).toUpperCase() }}</span>
        }
        <div>
          <p class="person-name">{{ name() }}</p>
          @if (email && email !== name()) {
            <p class="person-detail">{{ email }}</p>
          }
        </div>
      </div>
      <app-code-block title="Decoded ID Token" [json]="user()" />
    </app-page-frame>
  `,
})
export class ProfilePage {
  protected readonly user = inject(Session).user
  protected readonly name = computed(() => {
    const user = this.user()
    return user?.name ?? user?.email ?? user?.sub ?? ''
  })
  /** Initials replace a picture that does not load, for instance without a network. */
  protected readonly broken = signal(false)
}
