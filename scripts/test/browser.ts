import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { runTool } from '../tool.ts'

/** Chromium without its windows: a visit takes a quarter of the processor time that a whole Chromium takes. */
const headlessShell = '/usr/bin/chromium-headless-shell'

const usual: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    headlessShell,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`],
}

/**
 * The path of a Chromium or Chrome for the browser tests: CHROMIUM_PATH, an installed one, the one Playwright has
 * downloaded, or one that is installed now.
 * @throws with one sentence that says how to get one
 */
export async function ensureBrowser(): Promise<string> {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH) {
    if (isExecutable(CHROMIUM_PATH)) return CHROMIUM_PATH
    throw new Error(`CHROMIUM_PATH names ${CHROMIUM_PATH}, which is no program: correct it, or unset it.`)
  }
  const installed = await findBrowser()
  if (installed === headlessShell || (installed && !canUseApt())) return installed
  await (canUseApt() ? installWithApt(installed !== undefined) : downloadWithPlaywright())
  const found = await findBrowser()
  if (found) return found
  throw new Error(
    'The browser tests need Chromium or Chrome, and none could be installed: install one, or name it in CHROMIUM_PATH.',
  )
}

async function findBrowser(): Promise<string | undefined> {
  const { chromium } = await import('@playwright/test')
  return [...(usual[process.platform] ?? []), chromium.executablePath()].find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function canUseApt(): boolean {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
}

/** @param hasOther whether a whole Chromium is there, which does where the shell is not to be had */
async function installWithApt(hasOther: boolean): Promise<void> {
  console.log('Installing a headless Chromium for the browser tests (apt-get, about a minute, once).')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = (name: string) =>
    runTool('apt-get', ['install', '--yes', '--no-install-recommends', name], { env })
  if ((await install('chromium-headless-shell')).passed || hasOther) return
  await runTool('apt-get', ['update'], { env })
  if ((await install('chromium-headless-shell')).passed) return
  // Not every distribution has it.
  const last = await install('chromium')
  if (!last.passed) console.error(last.output)
}

async function downloadWithPlaywright(): Promise<void> {
  console.log('Downloading Chromium for the browser tests (about 150 MB, once).')
  const { passed, output } = await runTool('playwright', ['install', '--only-shell', 'chromium'])
  if (!passed) console.error(output)
}
