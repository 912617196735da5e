export function Loader({ label }) {
  return (
    <output className="loader">
      <span className="spinner" aria-hidden="true" />
      {label}
    </output>
  )
}
