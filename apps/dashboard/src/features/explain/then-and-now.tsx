import type { ResourceServer } from '@rolecall/contract'
import { Link } from 'react-router'
import { ApiError } from '../../shared/api/api-error.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { useClaims, useMayAsk } from '../../shared/management/explain.ts'
import { common } from '../../shared/text.ts'
import { Failure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { subjectOf, thenAndNow } from './examination.ts'
import type { PastedToken } from './pasted-token.ts'
import { rightsThen as text } from './text.ts'

const isGone = (error: Error): boolean => error instanceof ApiError && error.statusCode === 404

/** The permissions of the token, next to those that a new token with the same scope would have. */
export function ThenAndNow({ pasted, api }: { pasted: PastedToken; api: ResourceServer }) {
  const may = useMayAsk()
  const { user, client } = subjectOf(pasted)
  const scope = pasted.claims['scope']
  const mayAsk = may.claims && client !== ''
  const query = useClaims(
    mayAsk
      ? {
          ...(user && { user_id: user }),
          client_id: client,
          api: api.identifier,
          // An application gets all it has without a request, and only what it has with one.
          ...(user && typeof scope === 'string' && { scope }),
        }
      : undefined,
  )
  if (!mayAsk) return null
  if (query.error)
    return (
      <Section title={text.title}>
        {isGone(query.error) ? (
          <p>{text.gone}</p>
        ) : (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        )}
      </Section>
    )
  if (!query.data) return <LinesSkeleton />
  const { issued, refusals } = query.data
  return (
    <Section
      title={text.title}
      description={issued ? text.hint : `${text.refused} ${refusals.map(({ message }) => message).join(' ')}`}
    >
      <Table
        label={text.title}
        rows={thenAndNow(pasted, query.data, api)}
        rowKey={({ permission }) => permission}
        empty={<p className="explain-none">{text.none}</p>}
        columns={[
          {
            key: 'permission',
            header: common.permission,
            render: ({ permission }) => <code>{permission}</code>,
          },
          { key: 'before', header: text.before, render: ({ before }) => (before ? common.yes : common.no) },
          {
            key: 'now',
            header: text.now,
            render: ({ before, now }) => (
              <span className="row">
                {now ? common.yes : common.no}
                {before !== now && <Tag tone="warn">{now ? text.given : text.taken}</Tag>}
              </span>
            ),
          },
          ...(may.may
            ? [
                {
                  key: 'why',
                  header: text.why,
                  headerHidden: true,
                  align: 'end' as const,
                  render: ({ permission }: { permission: string }) =>
                    api.scopes?.some(({ value }) => value === permission) && (
                      <Link
                        to={explainLinks.may({ user, client, api: api.identifier, permission })}
                        aria-label={text.whyOf(permission)}
                      >
                        {text.why}
                      </Link>
                    ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}
