import { listOf, managementScopes, type OutboxMail, outboxMail, pageQuery } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { type Mail, mailListing } from './store.ts'

/**
 * What was mailed, or would have been. Not of Auth0's API. A message holds a link that makes its reader its recipient,
 * so its text is for owners, who hold every management scope; others see that there was a message.
 */
export function outboxRoutes(app: ManagementApp, ctx: Context): void {
  app.get(
    '/rolecall/outbox',
    {
      config: { scope: ['read:tenant_settings'] },
      schema: {
        tags: ['rolecall'],
        summary: 'List mail, newest first',
        querystring: pageQuery,
        response: { 200: listOf('mails', outboxMail) },
      },
    },
    (request) => {
      const { scopes } = callerOf(request)
      const isOwner = managementScopes.every(({ value }) => scopes.has(value))
      return paged('mails', request.query, mailListing(ctx.store.db), (mail) => show(mail, isOwner))
    },
  )
}

function show(mail: Mail, withText: boolean): OutboxMail {
  return {
    id: mail.id,
    to: mail.recipient,
    subject: mail.subject,
    text: withText ? mail.text : '',
    html: withText ? mail.html : '',
    created_at: new Date(mail.createdAt).toISOString(),
    status:
      mail.sentAt !== undefined
        ? 'sent'
        : mail.retryAt !== undefined
          ? 'waiting'
          : mail.error
            ? 'failed'
            : 'kept',
    ...(mail.sentAt !== undefined && { sent_at: new Date(mail.sentAt).toISOString() }),
    attempts: mail.attempts,
    ...(mail.error !== undefined && { error: mail.error }),
  }
}
