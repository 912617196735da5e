import { type ReactNode, useId } from 'react'

interface CodeBlockProps {
  title: string
  note?: ReactNode
  /** Shown as JSON. While it is undefined, the children are shown. */
  json: unknown
  children?: ReactNode
}

/** A titled block of JSON. */
export function CodeBlock({ title, note, json, children }: CodeBlockProps) {
  const titleId = useId()
  return (
    <section className="code-block" aria-labelledby={titleId}>
      <header>
        <h2 id={titleId}>{title}</h2>
        {note && <p className="code-block-note">{note}</p>}
      </header>
      <div className="code-block-body" aria-live="polite">
        {json === undefined ? (
          children
        ) : (
          <pre>
            <code>{coloured(JSON.stringify(json, null, 2))}</code>
          </pre>
        )}
      </div>
    </section>
  )
}

const token =
  /(?<key>"(?:\\.|[^"\\])*")(?=:)|(?<string>"(?:\\.|[^"\\])*")|(?<literal>-?\d[\d.eE+-]*|true|false|null)/g

/** Wraps each token of a JSON text in a span with a class for its kind. The text is unchanged. */
function coloured(json: string): ReactNode[] {
  const parts: ReactNode[] = []
  let end = 0
  for (const match of json.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0]
    parts.push(json.slice(end, match.index))
    parts.push(
      <span key={match.index} className={`json-${kind}`}>
        {match[0]}
      </span>,
    )
    end = match.index + match[0].length
  }
  parts.push(json.slice(end))
  return parts
}
