// `npm run screenshots -w e2e`: takes the pictures of the README, of a system at the ports that `npm start` uses.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lab, launch, root } from '../start/launcher.ts'
import { expectMessage, granted, logIn, openAdminPage } from './client.ts'
import { launchBrowser } from './visitor.ts'

const dir = await mkdtemp(join(tmpdir(), 'rolecall-screenshots-'))
const system = launch(['--dir', dir])
try {
  await system.running()
  const lab: Lab = JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8'))
  await takePictures(lab)
} finally {
  system.process.kill('SIGTERM')
  await system.ended
  await rm(dir, { recursive: true })
}

async function takePictures({ client_url, users }: Lab): Promise<void> {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
    await logIn(page, client_url, users.admin)
    await openAdminPage(page)
    await expectMessage(page, 'Admin Message', granted)
    // Moves the mouse away from links, so that none is underlined.
    await page.mouse.move(640, 700)
    await page.screenshot({ path: join(root, 'docs/images/client-admin.png') })
  } finally {
    await browser.close()
  }
}
