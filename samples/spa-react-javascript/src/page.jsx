import { useEffect } from 'react'

/** A page's title, in the tab and as its heading, and what the page is about. */
export function Page({ title, lead, children }) {
  useEffect(() => {
    document.title = `${title} · Rolecall Hello World`
  }, [title])
  return (
    <div className="page">
      <h1>{title}</h1>
      {lead && <p className="lead">{lead}</p>}
      {children}
    </div>
  )
}
