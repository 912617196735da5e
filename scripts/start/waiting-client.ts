import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { html } from '../../apps/server/src/http/html.ts'
import { assets } from '../../apps/server/src/pages/assets.ts'
import { page } from '../../apps/server/src/pages/layout.ts'
import type { Addresses } from './addresses.ts'
import type { WebPart } from './build.ts'
import { type ClientName, clientIdSetting } from './clients.ts'

const scriptPath = '/waiting.js'
/** Loads the page again when it is no longer this one. */
const script = `setInterval(async () => {
  const response = await fetch(location.href, { cache: 'no-store' }).catch(() => undefined)
  if (response?.ok && !(await response.text()).includes('${scriptPath}')) location.reload()
}, 1000)
`

/** Puts a page in place of the client, which says where its client ID comes from and loads the client once it is built. */
export async function writeWaitingPage(part: WebPart, name: ClientName, at: Addresses): Promise<void> {
  const folder = join(part.output, part.site ?? '')
  await rm(part.output, { recursive: true, force: true })
  const files: Record<string, string> = {
    'index.html': waitingPage(name, at),
    [scriptPath]: script,
    ...Object.fromEntries(Object.values(assets).map(({ path, content }) => [path, content])),
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

function waitingPage(name: ClientName, { client, dashboard }: Addresses): string {
  const { file, variable } = clientIdSetting(name)
  return page(
    {
      tenant: 'Hello World Client',
      title: 'Missing configuration',
      lead: 'This client has no client ID yet. It gets one from an application of the authorization server.',
    },
    html`<p>In the dashboard, register a single-page application with the callback URL <code>${client}/callback</code>. This page
opens the client then; nothing has to be started again.</p>
<p><a class="button" href="${dashboard}">Get started</a></p>
<p>To use another application, copy its settings from its Quick start, under
<a href="${dashboard}applications">Applications</a>, to <code>${file}</code>, with the client ID as <code>${variable}</code>, and
start again.</p>
<script src="${scriptPath}" defer></script>`,
  )
}
