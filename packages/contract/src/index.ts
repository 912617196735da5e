export * from './management-scopes.ts'
export * from './clients.ts'
export * from './tenant.ts'
