import { type Browser, chromium } from '@playwright/test'
import { ensureBrowser } from '../../../../../scripts/test/browser.ts'

/** A real Chromium that talks to nobody but the test. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  })
}
