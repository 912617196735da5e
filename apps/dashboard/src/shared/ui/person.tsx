import { Link } from 'react-router'
import './person.css'

/** A user in a line. Pictures are addresses elsewhere, so letters stand in for them. */
export function Person({ email, name }: { email: string; name?: string | undefined }) {
  return (
    <span className="person">
      <span className="person-mark" aria-hidden="true">
        {email.slice(0, 1).toUpperCase()}
      </span>
      <span className="person-text">
        <span>{email}</span>
        {name && name !== email && <span className="person-name">{name}</span>}
      </span>
    </span>
  )
}

/** The same, as a link to the user's page. */
export function PersonLink({ user_id, email, name }: { user_id: string; email: string; name: string }) {
  return (
    <Link className="table-link" to={`/users/${encodeURIComponent(user_id)}`}>
      <Person email={email} name={name} />
    </Link>
  )
}
