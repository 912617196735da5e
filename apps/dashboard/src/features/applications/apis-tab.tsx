import { useApis } from '../../shared/management/apis.ts'
import { type Client, useGrants } from '../../shared/management/applications.ts'
import { type GrantRow, GrantTable } from '../../shared/pages/grant-table.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { applicationApis as text } from './text.ts'

/** The APIs, and what the application may request of each for itself. */
export function ApisTab({ application }: { application: Client }) {
  const apis = useApis()
  const grants = useGrants({ client_id: application.client_id })
  const failure = apis.error ?? grants.error
  if (failure)
    return <Failure error={failure} onRetry={() => void Promise.all([apis.refetch(), grants.refetch()])} />
  const rows =
    grants.data &&
    apis.data?.map(
      (api): GrantRow => ({
        name: api.name,
        to: `/apis/${api.id}`,
        application,
        api,
        grant: grants.data.find(
          ({ audience, subject_type }) => audience === api.identifier && subject_type === 'client',
        ),
      }),
    )
  return (
    <Section title={text.title} description={text.hint}>
      {application.grant_types?.includes('client_credentials') ? (
        <GrantTable label={text.title} rows={rows} empty={null} />
      ) : (
        <EmptyState icon="api" title={text.usersOnly}>
          {text.usersOnlyBody}
        </EmptyState>
      )}
    </Section>
  )
}
