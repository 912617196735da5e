/**
 * Verifies access tokens and requires permissions, for any framework.
 *
 * `@rolecall/guard/fastify`, `/express`, `/hono`, `/nest`, `/fetch` and `/node` connect a guard to a framework,
 * `@rolecall/guard/testing` issues tokens for tests, and `@rolecall/guard/routes` lists what routes require.
 */
export type { Access } from './access/access.ts'
export { type AuthenticationOptions, authentication } from './access/authentication.ts'
export { definePermissions, type Permissions } from './access/permissions.ts'
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
} from './access/requirement.ts'
export {
  ChangesUnavailableError,
  GuardError,
  type GuardErrorCode,
  type GuardReasonCode,
  InsufficientAuthenticationError,
  InsufficientScopeError,
  InvalidProofError,
  InvalidRequestError,
  InvalidTokenError,
  KeysUnavailableError,
  MissingTokenError,
} from './bearer/errors.ts'
export type { Refusal, Respond } from './bearer/refusal.ts'
export { authorizationValues, headerValues } from './bearer/token.ts'
export type { DpopOptions, UsedProof } from './dpop/options.ts'
export type { ProofRequest } from './dpop/proof.ts'
export { createGuard, type Guard } from './guard.ts'
export type { LiveState } from './live/live.ts'
export type { LiveOptions } from './live/options.ts'
export type { GuardOptions, IssuerOptions } from './options.ts'
export type { Algorithm, AsymmetricAlgorithm, SymmetricAlgorithm } from './token/algorithms.ts'
export type { JwkSet } from './token/key-ring.ts'
export type { Claims, Subject } from './token/subject.ts'
