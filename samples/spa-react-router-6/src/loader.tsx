export function Loader({ label }: { label: string }) {
  return (
    <output className="loader">
      <span className="spinner" aria-hidden="true" />
      {label}
    </output>
  )
}
