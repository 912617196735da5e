import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { useApplications, useGrants } from '../../shared/management/applications.ts'
import { type GrantRow, GrantTable } from '../../shared/pages/grant-table.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { machine as text } from './text.ts'

/** The machine-to-machine applications, and what each may request of this API. */
export function MachineTab({ api }: { api: ResourceServer }) {
  const can = useCan()
  const applications = useApplications()
  const grants = useGrants({ audience: api.identifier })
  const failure = applications.error ?? grants.error
  if (failure)
    return (
      <Failure error={failure} onRetry={() => void Promise.all([applications.refetch(), grants.refetch()])} />
    )
  const rows =
    grants.data &&
    applications.data
      ?.filter(({ grant_types = [] }) => grant_types.includes('client_credentials'))
      .map(
        (application): GrantRow => ({
          name: application.name,
          to: `/applications/${application.client_id}`,
          application,
          api,
          grant: grants.data.find(
            ({ client_id, subject_type }) => client_id === application.client_id && subject_type === 'client',
          ),
        }),
      )
  return (
    <Section title={text.title} description={text.hint}>
      <GrantTable
        label={text.title}
        rows={rows}
        empty={
          <EmptyState
            icon="application"
            title={text.none}
            action={
              can('create:clients') && <Link to="/applications?create=non_interactive">{text.create}</Link>
            }
          >
            {text.noneBody}
          </EmptyState>
        }
      />
    </Section>
  )
}
