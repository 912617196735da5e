/** The logo of Rolecall. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <path
        className="logo-bubble"
        d="M9 2h14a7 7 0 0 1 7 7v9a7 7 0 0 1-7 7h-8.2l-6 4.6A1.1 1.1 0 0 1 7 28.7V24.7A7 7 0 0 1 2 18V9a7 7 0 0 1 7-7Z"
      />
      <path className="logo-tick" d="m10.2 13.8 4.2 4.2 7.6-8.2" />
    </svg>
  )
}
