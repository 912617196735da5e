import type { IncomingMessage } from 'node:http'
import {
  type CanActivate,
  type CustomDecorator,
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  SetMetadata,
} from '@nestjs/common'
import { type Access, parseAccess, type RouteAccess } from '../access/access.ts'
import { GuardError } from '../bearer/errors.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'
import { pathOf, proofRequest } from './respond.ts'

const metadataKey = '@rolecall/guard access'

/** A request of Nest, on Express or Fastify. */
interface NestRequest extends IncomingMessage {
  /** On Fastify alone. */
  raw?: IncomingMessage
  method: string
  url: string
  originalUrl?: string
  params: Record<string, unknown>
  subject?: Subject | undefined
}

interface NestResponse {
  header(name: string, value: string): unknown
  getHeader(name: string): unknown
}

/**
 * Decorator that says who may use a handler, or every handler of a controller.
 *
 * @throws TypeError when the access is not valid
 *
 * @example
 * ```ts
 * import { Requires } from '@rolecall/guard/nest'
 * import { Controller, Get } from '@nestjs/common'
 *
 * @Controller('messages')
 * class Messages {
 *   @Get('admin') @Requires('read:admin-messages') admin() { return { text: 'For admins.' } }
 * }
 * ```
 */
export function Requires(access: Access): CustomDecorator {
  return SetMetadata(metadataKey, parseAccess(access))
}

/**
 * Parameter decorator that passes the caller to a handler. Undefined on public routes, and on optional ones without token.
 *
 * @example
 * ```ts
 * import { CurrentSubject } from '@rolecall/guard/nest'
 * import type { Subject } from '@rolecall/guard'
 *
 * class Messages {
 *   hello(@CurrentSubject() subject: Subject) { return `Hello ${subject.sub}` }
 * }
 * ```
 */
export const CurrentSubject: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<NestRequest>().subject,
)

/**
 * A guard for Nest, on Express or Fastify. A handler without {@link Requires} requires a valid token, so that none is public
 * by mistake.
 *
 * @throws TypeError when the default access is not valid
 *
 * @example
 * ```ts
 * import { PermissionsGuard } from '@rolecall/guard/nest'
 *
 * app.useGlobalGuards(new PermissionsGuard(guard))
 * ```
 */
export class PermissionsGuard implements CanActivate {
  readonly #guard: Guard
  readonly #defaultAccess: RouteAccess

  constructor(guard: Guard, defaultAccess: Access = 'authenticated') {
    this.#guard = guard
    this.#defaultAccess = parseAccess(defaultAccess)
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<NestRequest>()
    const response = context.switchToHttp().getResponse<NestResponse>()
    const header = authorizationValues((request.raw ?? request).rawHeaders)
    const view = () => ({
      method: request.method,
      path: pathOf(request.originalUrl ?? request.url),
      params: request.params,
      request,
      proof: () => proofRequest(request.raw ?? request, request.originalUrl ?? request.url),
    })
    try {
      request.subject = await this.#guard.authorize(header, this.#accessOf(context), view)
    } catch (error) {
      if (!(error instanceof GuardError)) throw error
      const refusal = this.#guard.refusal(error)
      preventCaching(response)
      for (const [name, value] of Object.entries(refusal.headers)) response.header(name, value)
      throw new HttpException(JSON.parse(JSON.stringify(refusal.body)), refusal.status, { cause: error })
    }
    if (request.subject !== undefined) preventCaching(response)
    return true
  }

  /** The access of the handler, else that of its controller. */
  #accessOf(context: ExecutionContext): RouteAccess {
    const declared: RouteAccess | undefined =
      Reflect.getMetadata(metadataKey, context.getHandler()) ??
      Reflect.getMetadata(metadataKey, context.getClass())
    return declared ?? this.#defaultAccess
  }
}

function preventCaching(response: NestResponse): void {
  if (response.getHeader('cache-control') === undefined) response.header('cache-control', 'no-store')
}
