export * from './management-scopes.ts'
