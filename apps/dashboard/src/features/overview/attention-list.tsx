import type { Attention } from '@rolecall/contract'
import { Fragment } from 'react'
import { Link } from 'react-router'
import { Icon } from '../../shared/ui/icon.tsx'
import { attentionTexts, overview as text } from './text.ts'

/** What to look at: what it is, why it matters, and links to the first of them. */
export function AttentionList({ attention }: { attention: Attention[] }) {
  if (attention.length === 0) return <p className="dim">{text.nothing}</p>
  return (
    <ul className="attention">
      {attention.map((one) => {
        const { title, body } = attentionTexts[one.kind]
        const more = one.count - one.items.length
        return (
          <li key={one.kind}>
            <Icon name="warning" />
            <div>
              <h3>{title(one.count)}</h3>
              <p className="dim small">{body}</p>
              <p className="small wrap">
                {one.items.map((item, index) => (
                  <Fragment key={`${item.id} ${item.name}`}>
                    {index > 0 && ', '}
                    <Link to={pageOf(one.kind, item.id)}>
                      <bdi>{item.name}</bdi>
                    </Link>
                  </Fragment>
                ))}
                {more > 0 && ` ${text.andMore(more)}`}
              </p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}

function pageOf(kind: Attention['kind'], id: string): string {
  return pages[kind](encodeURIComponent(id))
}

const role = (id: string) => `/roles/${id}`
const pages: Record<Attention['kind'], (id: string) => string> = {
  unauthenticated_applications: (id) => `/applications/${id}/settings`,
  unused_permissions: (id) => `/apis/${id}/permissions`,
  roles_without_members: (id) => `${role(id)}/users`,
  large_tokens: (id) => `${role(id)}/permissions`,
  clashing_users: (id) => `/users/${id}`,
  clashing_roles: role,
  unsent_mail: () => '/settings/mail',
  old_signing_key: () => '/settings/keys',
}
