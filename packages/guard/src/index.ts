/**
 * Verifies access tokens and requires permissions.
 *
 * The core knows no framework; `@rolecall/guard/fastify` and its siblings connect it to one, and
 * `@rolecall/guard/testing` mints tokens for tests.
 */
export type { Access } from './access.ts'
export type { Algorithm, AsymmetricAlgorithm, SymmetricAlgorithm } from './algorithms.ts'
export { authorizationValues } from './bearer.ts'
export {
  GuardError,
  type GuardErrorCode,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  KeysUnavailableError,
  MissingTokenError,
} from './errors.ts'
export { createGuard, type Guard } from './guard.ts'
export type { JwkSet } from './key-ring.ts'
export type { GuardOptions, IssuerOptions } from './options.ts'
export { definePermissions, type Permissions } from './permissions.ts'
export type { Refusal, Respond } from './refusal.ts'
export {
  allOf,
  anyOf,
  HasPermission,
  permission,
  predicate,
  type RequestView,
  type Requirement,
  type RequirementLike,
  scopes,
} from './requirement.ts'
export type { Claims, Subject } from './subject.ts'
