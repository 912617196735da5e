/** The logo of Rolecall. */
export function Logo() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="9" />
      <path
        className="mark-line"
        d="M7.5 11.2l2.4 2.4 4.3-4.8M18 11.5h6.5M7.5 20.7l2.4 2.4 4.3-4.8M18 21h6.5"
      />
    </svg>
  )
}
