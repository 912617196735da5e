/**
 * What the browser tests, the benchmarks and the tools use of the server: its parts, and its test helpers. Tests of the
 * server import what they use directly.
 */
export { createApi } from '../apis/apis.ts'
export { findSystemApi } from '../apis/store.ts'
export { createApplication } from '../applications/applications.ts'
export { createClientGrant } from '../applications/grants.ts'
export { listApplications } from '../applications/lists.ts'
export { formatPosition } from '../authorization/position.ts'
export { liveCredentials } from '../authorization/testing.ts'
export { readConfig } from '../config.ts'
export { createConnection } from '../connections/connections.ts'
export { findConnection } from '../connections/store.ts'
export { type Context, openContext } from '../context.ts'
export { ensureLocalCertificates } from '../crypto/local-certificates.ts'
export { openKeyRing } from '../keys/key-ring.ts'
export { type ManagementServer, startManagement } from '../management/testing.ts'
export { assignRoles, unassignRoles } from '../roles/assignments.ts'
export { effectivePermissions } from '../roles/effective-permissions.ts'
export { ownerRoleName } from '../roles/owners.ts'
export { addPermissionsToRole, removePermissionsFromRole } from '../roles/role-permissions.ts'
export { createRole } from '../roles/roles.ts'
export { findRoleByName, findSystemRole, insertUserRoles } from '../roles/store.ts'
export { addProvider, addProviderUser, logInWith } from '../roles/testing-provider.ts'
export { currentPosition, mark } from '../store/marks.ts'
export { openStore } from '../store/open-store.ts'
export { fieldStart } from '../store/search-text.ts'
export type { Db, Store } from '../store/store.ts'
export { transaction } from '../store/transaction.ts'
export { toJson } from '../store/values.ts'
export { ensureSystemObjects } from '../system-objects.ts'
export { updateTenantSettings } from '../tenant/settings.ts'
export { findUserByEmail, insertUser } from '../users/store.ts'
export { createUser } from '../users/users.ts'
export { Browser, formsOf, type Page } from './browser.ts'
export { type NodesKind, nodesKinds } from './nodes.ts'
export { startServer, type TestServer } from './server.ts'
export {
  type Authorization,
  audience,
  authorizationRequest,
  callback,
  destination,
  logIn,
  makeTutorial,
  password,
  redeem,
  refresh,
  requestToken,
  type TokenAnswer,
  type Tutorial,
} from './tutorial.ts'
