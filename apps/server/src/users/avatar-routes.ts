import { noInitials } from '@rolecall/contract'
import type { FastifyInstance } from 'fastify'
import { html } from '../http/html.ts'

const dayInSeconds = 24 * 60 * 60
/** White text on each of them has a contrast of at least 4.5. */
const grounds = ['#166251', '#1d5f8a', '#5b4b9a', '#8a3f6b', '#9a4a23', '#6b5a12', '#3d6b2e', '#4a5568']

/**
 * `/avatars/AL.svg`: the picture of a user who has none of their own, as `pictureUrl` of the contract names it. It is drawn from
 * the address alone and says nothing about who exists.
 */
export function avatarRoutes(app: FastifyInstance): void {
  app.get<{ Params: { file: string } }>('/avatars/:file', (request, reply) => {
    const letters = /^([\p{L}\p{N}]{1,2}|none)\.svg$/u.exec(request.params.file)?.[1]
    if (letters === undefined) return reply.callNotFound()
    return reply
      .headers({
        'cache-control': `public, max-age=${dayInSeconds}`,
        'content-type': 'image/svg+xml',
        // Applications of other origins show it.
        'cross-origin-resource-policy': 'cross-origin',
      })
      .send(draw(letters))
  })
}

function draw(letters: string): string {
  const ground =
    grounds[Array.from(letters).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 8]
  const content =
    letters === noInitials
      ? html`<circle cx="64" cy="50" r="22" fill="#fff"/><path d="M22 114a42 38 0 0 1 84 0z" fill="#fff"/>`
      : html`<text x="64" y="64" dy="0.36em" text-anchor="middle" font-family="system-ui, sans-serif" font-size="52" font-weight="600" fill="#fff">${letters}</text>`
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128"><rect width="128" height="128" fill="${ground}"/>${content}</svg>`
    .text
}
