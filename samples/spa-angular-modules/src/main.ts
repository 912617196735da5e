import { platformBrowser } from '@angular/platform-browser'
import { AppModule } from './app/app.module'
import { parseConfiguration } from './app/configuration'
import { CONFIGURATION } from './app/configuration.token'
import { PROBLEMS } from './app/pages/missing-configuration'
import { HOME } from './app/pages/other-origin'
import { MissingConfigurationModule, OtherOriginModule } from './app/standalone-pages.module'
import { environment } from './environment'

start().catch((error: unknown) => console.error(error))

async function start(): Promise<void> {
  const parsed = parseConfiguration(environment)
  if ('problems' in parsed) {
    const providers = [{ provide: PROBLEMS, useValue: parsed.problems }]
    await platformBrowser(providers).bootstrapModule(MissingConfigurationModule)
    return
  }
  // Log-in state is kept per origin: a log-in begun at 127.0.0.1 cannot be completed at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin) {
    await platformBrowser([{ provide: HOME, useValue: home }]).bootstrapModule(OtherOriginModule)
    return
  }
  const providers = [{ provide: CONFIGURATION, useValue: parsed.configuration }]
  await platformBrowser(providers).bootstrapModule(AppModule)
}
