import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useIsCurrent } from './use-is-current.ts'

/** Replaces the address of a page that only leads to another, such as to its first tab. */
export function Redirect({ to }: { to: string }) {
  // Again for each navigation: one that was on its way may have ended here.
  return <Once key={useLocation().key} to={to} />
}

function Once({ to }: { to: string }) {
  const isCurrent = useIsCurrent()
  const navigate = useNavigate()
  useEffect(() => {
    if (isCurrent()) void navigate(to, { replace: true })
  }, [to, isCurrent, navigate])
  return null
}
