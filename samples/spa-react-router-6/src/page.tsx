import { type ReactNode, useEffect } from 'react'

/** Sets the title of the tab and shows it as heading, with a description. */
export function Page({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
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
