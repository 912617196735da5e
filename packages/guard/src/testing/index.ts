/**
 * For tests of APIs: an issuer in this process that mints real, signed tokens, good ones and broken ones, so that the
 * API under test runs with its real guard.
 */
export { type Fault, faults } from './faults.ts'
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
  type TokenOptions,
} from './issuer.ts'
