import { useCan } from '../../shared/auth/session.ts'
import { useApplications } from '../../shared/management/applications.ts'

/** Names an application by its client ID, which it returns for one that is unknown or may not be read. */
export function useApplicationName(): (clientId: string) => string {
  const can = useCan()
  const { data } = useApplications(can('read:clients'))
  return (clientId) => data?.find(({ client_id }) => client_id === clientId)?.name ?? clientId
}
