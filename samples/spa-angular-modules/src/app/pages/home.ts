import { Component, inject } from '@angular/core'
import { Title } from '@angular/platform-browser'

@Component({
  selector: 'app-home',
  standalone: false,
  template: `
    <div class="page">
      <section class="hero">
        <h1>Hello, Angular world!</h1>
        <p class="lead">One API, three messages, and the roles that decide who may read them.</p>
      </section>
      <ul class="cards">
        <li class="card">
          <h2>Public</h2>
          <p>Anyone may read it. The request carries no access token.</p>
          <code class="card-path">GET /api/messages/public</code>
        </li>
        <li class="card">
          <h2>Protected</h2>
          <p>
            Anyone who has logged in. The API checks the signature, issuer and audience of the access token.
          </p>
          <code class="card-path">GET /api/messages/protected</code>
        </li>
        <li class="card">
          <h2>Admin</h2>
          <p>
            Only those who hold <code>read:admin-messages</code>, for instance by a role. The API looks for it
            in the token’s permissions.
          </p>
          <code class="card-path">GET /api/messages/admin</code>
        </li>
      </ul>
    </div>
  `,
})
export class HomePage {
  constructor() {
    inject(Title).setTitle('Rolecall Hello World')
  }
}
