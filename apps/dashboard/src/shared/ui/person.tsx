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
