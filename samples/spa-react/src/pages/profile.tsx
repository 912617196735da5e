import { useAuth0 } from '@auth0/auth0-react'
import { useState } from 'react'
import { CodeBlock } from '../code-block.tsx'
import { Page } from '../page.tsx'

export function ProfilePage() {
  const { user } = useAuth0()
  const name = user?.name ?? user?.email ?? user?.sub ?? ''
  return (
    <Page title="Profile Page" lead="What the authorization server told this client about you.">
      <div className="person">
        <Portrait name={name} picture={user?.picture} />
        <div>
          <p className="person-name">{name}</p>
          {user?.email !== undefined && user.email !== name && <p className="person-detail">{user.email}</p>}
        </div>
      </div>
      <CodeBlock title="Decoded ID Token" json={user} />
    </Page>
  )
}

/** Shows initials instead of a picture that is missing or does not load, for example offline. */
function Portrait({ name, picture }: { name: string; picture: string | undefined }) {
  const [broken, setBroken] = useState(false)
  if (picture === undefined || broken) {
    return (
      <span className="portrait" aria-hidden="true">
        {name.charAt(0).toUpperCase()}
      </span>
    )
  }
  return (
    <img
      className="portrait"
      src={picture}
      alt=""
      referrerPolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  )
}
