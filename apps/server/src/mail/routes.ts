import { listOf, managementScopes, type OutboxMail, outboxMail, pageQuery } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { listMail, type Mail } from './store.ts'

/**
 * The mail that was sent, or would be with a mail server. Not part of Auth0's API. A reader of a message can use its
 * link, so only owners, who hold all management scopes, see the text. Other callers see that there was a message.
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
      return paged('mails', request.query, listMail(ctx.store.db), (mail) => mailToWire(mail, isOwner))
    },
  )
}

function mailToWire(mail: Mail, withText: boolean): OutboxMail {
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
