/**
 * An issuer for tests of APIs. It signs real tokens, valid and broken, in the process of the test, so that the API under test
 * runs with its real guard.
 */
export { type Fault, faults } from './faults.ts'
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
  type TokenOptions,
} from './issuer.ts'
export { createTestProofKey, type ProofOptions, type TestProofKey } from './proof.ts'
