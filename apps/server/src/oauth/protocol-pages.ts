import type { FastifyReply } from 'fastify'
import type { ProtocolPages } from './provider.ts'
export const pages: ProtocolPages = { error: (_r, p) => JSON.stringify(p), logout: (_r, f) => f, loggedOut: () => 'out' }
export function refusalPage(reply: FastifyReply, _what: string) { return reply.code(400).type('text/html').send('no') }
export function loggedOutPage(reply: FastifyReply) { return reply.type('text/html').send('out') }
