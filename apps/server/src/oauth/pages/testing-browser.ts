import { type Browser, chromium } from '@playwright/test'
import { ensureBrowser } from '../../../../../scripts/test/browser.ts'

/** A real Chromium that sends requests to the test alone. */
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
