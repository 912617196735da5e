import { ErrorHandler, inject, NgModule, provideAppInitializer } from '@angular/core'
import { BrowserModule } from '@angular/platform-browser'
import { AuthClientConfig, AuthModule } from '@auth0/auth0-angular'
import { App } from './app'
import { AppRoutingModule } from './app-routing.module'
import { CodeBlock } from './components/code-block'
import { FailureNotice } from './components/failure-notice'
import { MessagePanel } from './components/message-panel'
import { PageLoader } from './components/page-loader'
import { RequireLogin } from './components/require-login'
import { SessionButtons } from './components/session-buttons'
import { CONFIGURATION } from './configuration.token'
import { FrameModule } from './frame.module'
import { AdminPage } from './pages/admin'
import { CallbackPage } from './pages/callback'
import { HomePage } from './pages/home'
import { NotFoundPage } from './pages/not-found'
import { ProfilePage } from './pages/profile'
import { ProtectedPage } from './pages/protected'
import { PublicPage } from './pages/public'
import { ShownErrors } from './shown-errors'

@NgModule({
  imports: [BrowserModule, FrameModule, AppRoutingModule, AuthModule.forRoot()],
  declarations: [
    App,
    CodeBlock,
    FailureNotice,
    MessagePanel,
    PageLoader,
    RequireLogin,
    SessionButtons,
    AdminPage,
    CallbackPage,
    HomePage,
    NotFoundPage,
    ProfilePage,
    ProtectedPage,
    PublicPage,
  ],
  providers: [provideAppInitializer(configureAuth0), { provide: ErrorHandler, useExisting: ShownErrors }],
  bootstrap: [App],
})
export class AppModule {}

function configureAuth0(): void {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = inject(CONFIGURATION)
  inject(AuthClientConfig).set({
    domain: authorizationServer,
    clientId,
    authorizationParams: { redirect_uri: callbackUrl, audience },
    errorPath: '/callback',
    // The SDK waits 60 s for a server that does not answer, which looks like a hang.
    authorizeTimeoutInSeconds: 15,
    // A refresh token in memory is lost on reload, so this way of renewal needs localStorage.
    useRefreshTokens,
    useRefreshTokensFallback: useRefreshTokens,
    cacheLocation: useRefreshTokens ? 'localstorage' : 'memory',
  })
}
