import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { wantsPage } from '../http/errors.ts'
import { html } from '../http/html.ts'
import { page } from '../pages/layout.ts'
import { frameOf, sendPage } from '../pages/page-request.ts'

const texts = {
  title: 'Authorization server',
  lead: (tenant: string) =>
    `Applications and APIs of ${tenant} use this address to log people in and to issue access tokens. To log in, open one of these applications.`,
  dashboard: 'Open the dashboard',
  more: 'For developers',
  discovery: 'Discovery document',
  reference: 'Management API reference',
}

/** The address of the issuer itself: what this server is, as a page for browsers and as JSON for programs. */
export function issuerPage(app: FastifyInstance, ctx: Context): void {
  const { issuer } = ctx.config
  const addresses = {
    dashboard: `${issuer}dashboard/`,
    openid_configuration: `${issuer}.well-known/openid-configuration`,
    management_api: `${issuer}api/v2/`,
    documentation: `${issuer}api/v2/docs`,
  }
  app.get('/', async (request, reply) => {
    void reply.header('vary', 'accept')
    if (!wantsPage(request.url, request.headers)) return { issuer, ...addresses }
    const view = { ctx, request, reply }
    const frame = await frameOf(view)
    const { title, lead, dashboard, more, discovery, reference } = texts
    const body = page(
      { ...frame, title, lead: lead(frame.tenant) },
      html`<p><a class="button" href="${addresses.dashboard}">${dashboard}</a></p>
<h2>${more}</h2>
<ul>
<li><a href="${addresses.openid_configuration}">${discovery}</a></li>
<li><a href="${addresses.documentation}">${reference}</a></li>
</ul>`,
    )
    return sendPage(view, 200, body)
  })
}
