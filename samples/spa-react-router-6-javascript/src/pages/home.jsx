import { useEffect } from 'react'

const messages = [
  {
    name: 'Public',
    path: '/api/messages/public',
    readers: 'Anyone may read it. The request carries no access token.',
  },
  {
    name: 'Protected',
    path: '/api/messages/protected',
    readers:
      'Anyone who has logged in. The API checks the signature, issuer and audience of the access token.',
  },
  {
    name: 'Admin',
    path: '/api/messages/admin',
    readers: (
      <>
        Only those who were given <code>read:admin-messages</code>, for instance by a role. The API looks for
        it in the token’s permissions.
      </>
    ),
  },
]

export function HomePage() {
  useEffect(() => {
    document.title = 'Rolecall Hello World'
  }, [])
  return (
    <div className="page">
      <section className="hero">
        <h1>Hello, React world!</h1>
        <p className="lead">One API, three messages, and the roles that decide who may read them.</p>
      </section>
      <ul className="cards">
        {messages.map(({ name, path, readers }) => (
          <li key={path} className="card">
            <h2>{name}</h2>
            <p>{readers}</p>
            <code className="card-path">GET {path}</code>
          </li>
        ))}
      </ul>
    </div>
  )
}
