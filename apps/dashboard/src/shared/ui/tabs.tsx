import { NavLink } from 'react-router'
import './tabs.css'

/** Parts of a page, each with its own address. */
export function LinkTabs({
  label,
  base,
  tabs,
}: {
  label: string
  base: string
  tabs: { to: string; label: string }[]
}) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ to, label: text }) => (
        <NavLink key={to} className="tab" to={`${base}/${to}`}>
          {text}
        </NavLink>
      ))}
    </nav>
  )
}
