import type { Explanation } from '@rolecall/contract'
import { Fragment, type ReactNode } from 'react'
import { Link } from 'react-router'
import { explainLinks } from '../../shared/explain-links.ts'
import { useLogEntry } from '../../shared/logs/log-entry.ts'
import { WhatHappened } from '../../shared/logs/log-table.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { placeOf } from './decided-at.ts'
import { explanation as text } from './text.ts'

interface Props {
  explanation: Explanation
  permission: string
}

/** Why a user or an application has a permission or not, in sentences with links. */
export function ExplanationView({ explanation, permission }: Props) {
  const { allowed, checks, claims } = explanation
  return (
    <>
      <Callout tone={allowed ? 'ok' : 'warn'}>
        <strong>
          <Subject {...explanation} /> {allowed ? text.may : text.mayNot} <code>{permission}</code> {text.on}{' '}
          <Link to={`/apis/${explanation.api.id}`}>{explanation.api.name}</Link>.
        </strong>{' '}
        {allowed ? text.claims(claims.permissions, claims.scope) : text.never}
      </Callout>
      <Section title={text.why}>
        <ul className="explain-checks">
          {checks.map((check) => (
            <li key={check.code} data-passed={check.passed}>
              <Icon name={check.passed ? 'check' : 'cross'} />
              <span>
                <Fact check={check} explanation={explanation} permission={permission} />
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <LastChange {...explanation} />
      <Giving {...explanation} />
      <nav className="row explain-next" aria-label={text.next}>
        <Link to={explainLinks.who({ api: explanation.api.identifier, permission })}>{text.toWho}</Link>
        {explanation.application && (
          <Link
            to={explainLinks.claims({
              user: explanation.user?.user_id ?? '',
              client: explanation.application.client_id,
              api: explanation.api.identifier,
            })}
          >
            {text.toClaims}
          </Link>
        )}
      </nav>
    </>
  )
}

function Subject({ user, application }: Pick<Explanation, 'user' | 'application'>) {
  return (
    <>
      {user && <Person {...user} />}
      {user && application && ` ${text.through} `}
      {application && <Application {...application} />}
    </>
  )
}

type FactProps = Props & { check: Explanation['checks'][number] }

/** One fact. Of a permission that is held it is the path, role by role. */
function Fact({ check, explanation, permission }: FactProps) {
  const { user, api, sources } = explanation
  if (check.code === 'permission_held' && check.passed && user && api.enforce_policies)
    return (
      <>
        {sources.roles.map(({ id, name, direct, connections }) => (
          <span key={id} className="explain-path">
            <Person {...user} /> {text.holds} <Link to={`/roles/${id}/permissions`}>{name}</Link>
            {!direct && connections.length > 0 && text.givenBy(connections.map((one) => one.name))}
            {text.contains} <code>{permission}</code>.
          </span>
        ))}
        {sources.direct && (
          <span className="explain-path">
            <Person {...user} /> {text.holds} <code>{permission}</code> {text.directly}
          </span>
        )}
      </>
    )
  const place = placeOf(check.code, explanation)
  return (
    <>
      {check.message} {place && <Link to={place.to}>{place.label}</Link>}
    </>
  )
}

function LastChange({ last_change: change }: Explanation) {
  return (
    <Section title={text.lastChange}>
      {change ? (
        <p>
          <Link to={`/logs/${change.log_id}`}>
            <Time value={change.date} seconds />
          </Link>{' '}
          <Change id={change.log_id} description={change.description} />
        </p>
      ) : (
        <p>{text.noChange}</p>
      )}
    </Section>
  )
}

/** Who did it: the entry of the log, or until it is read what the explanation says of it. */
function Change({ id, description }: { id: string; description: string }) {
  const { data } = useLogEntry(id)
  return data ? <WhatHappened entry={data} /> : description
}

function Giving({ roles_that_give_it: roles, more_roles }: Explanation) {
  return (
    <Section title={text.giving} description={more_roles ? text.givingMore : text.givingHint}>
      <Table
        label={text.giving}
        rows={roles}
        rowKey={({ id }) => id}
        empty={<p className="explain-none">{text.noRole}</p>}
        columns={[
          {
            key: 'role',
            header: text.role,
            render: ({ id, name, assigned }) => (
              <span className="row">
                <Link className="table-link" to={`/roles/${id}`}>
                  {name}
                </Link>
                {assigned && <Tag tone="ok">{text.assigned}</Tag>}
              </span>
            ),
          },
          {
            key: 'assigners',
            header: text.assigners,
            render: ({ assigners }) => <Assigners {...assigners} />,
          },
        ]}
      />
    </Section>
  )
}

function Assigners({ users, applications, more }: Explanation['roles_that_give_it'][number]['assigners']) {
  const links: [id: string, link: ReactNode][] = [
    ...users.map((user): [string, ReactNode] => [user.user_id, <Person key={user.user_id} {...user} />]),
    ...applications.map((application): [string, ReactNode] => [
      application.client_id,
      <Application key={application.client_id} {...application} />,
    ]),
  ]
  if (links.length === 0) return text.noAssigner
  return (
    <>
      {links.map(([id, link], index) => (
        <Fragment key={id}>
          {index > 0 && ', '}
          {link}
        </Fragment>
      ))}
      {more && ` ${text.others}`}
    </>
  )
}

function Person({ user_id, email, name }: { user_id: string; email: string; name: string }) {
  return (
    <bdi>
      <Link to={`/users/${encodeURIComponent(user_id)}`}>{email || name || user_id}</Link>
    </bdi>
  )
}

function Application({ client_id, name }: { client_id: string; name: string }) {
  return (
    <bdi>
      <Link to={`/applications/${client_id}`}>{name || client_id}</Link>
    </bdi>
  )
}
