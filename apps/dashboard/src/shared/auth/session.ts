import { createContext, use } from 'react'

/** Who is logged in, and what they may do. */
export interface Session {
  user: { sub: string; name: string; email: string | undefined }
  permissions: ReadonlySet<string>
  /** Goes to the log-in page and comes back to this very page. */
  logInAgain: () => void
  logOut: () => void
}

export const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = use(SessionContext)
  if (!session) throw new Error('useSession needs a log-in above it')
  return session
}

/** Whether the person holds the permission: what they may not do is not offered. The server refuses it all the same. */
export function useCan(): (...permissions: string[]) => boolean {
  const { permissions } = useSession()
  return (...wanted) => wanted.every((permission) => permissions.has(permission))
}
