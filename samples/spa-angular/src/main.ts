import type { ApplicationRef } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { App } from './app/app'
import { appConfig } from './app/app.config'
import { parseConfiguration } from './app/configuration'
import { MissingConfigurationPage, PROBLEMS } from './app/pages/missing-configuration'
import { HOME, OtherOriginPage } from './app/pages/other-origin'
import { environment } from './environment'

start().catch((error: unknown) => console.error(error))

function start(): Promise<ApplicationRef> {
  const parsed = parseConfiguration(environment)
  if ('problems' in parsed)
    return bootstrapApplication(MissingConfigurationPage, {
      providers: [{ provide: PROBLEMS, useValue: parsed.problems }],
    })
  // Log-in state is kept per origin: a log-in begun at 127.0.0.1 cannot be completed at localhost.
  const home = new URL(parsed.configuration.callbackUrl).origin
  if (home !== window.location.origin)
    return bootstrapApplication(OtherOriginPage, { providers: [{ provide: HOME, useValue: home }] })
  return bootstrapApplication(App, appConfig(parsed.configuration))
}
