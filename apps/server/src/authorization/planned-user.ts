import type { Key } from './permission-key.ts'

/** What is planned for a user, relative to what is stored. */
export interface UserPlan {
  addedRoles: Set<string>
  /** Those whose assignment is taken. What a provider gives stays. */
  removedRoles: Set<string>
  addedDirect: Set<Key>
  removedDirect: Set<Key>
  blocked: boolean | undefined
  isDeleted: boolean
}

export function nothingPlanned(): UserPlan {
  return {
    addedRoles: new Set(),
    removedRoles: new Set(),
    addedDirect: new Set(),
    removedDirect: new Set(),
    blocked: undefined,
    isDeleted: false,
  }
}
