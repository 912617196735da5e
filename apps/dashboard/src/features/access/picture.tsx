import { useNavigate } from 'react-router'
import { access } from './text.ts'
import './access-grid.css'

export interface Node {
  id: string
  label: string
  note?: string | undefined
  /** Where it leads; absent for what has no page. */
  to?: string | undefined
  kind: 'user' | 'role' | 'permission' | 'api' | 'note'
}

export interface Edge {
  from: string
  to: string
  /** Without a role in between. */
  direct?: boolean
}

interface Props {
  summary: string
  columns: { title: string; nodes: Node[] }[]
  edges: Edge[]
  /** The same in sentences. */
  text: string[]
}

const box = { width: 190, height: 40, gapX: 60, gapY: 12, top: 30 }
const longestLabel = 25

/** Columns of boxes and the lines between them. Every box is a link; the lines are told in words below. */
export function Picture({ summary, columns, edges, text }: Props) {
  const navigate = useNavigate()
  const most = Math.max(...columns.map(({ nodes }) => nodes.length), 1)
  const height = box.top + most * (box.height + box.gapY)
  const width = columns.length * box.width + (columns.length - 1) * box.gapX
  const places = new Map<string, { x: number; y: number }>()
  columns.forEach(({ nodes }, column) => {
    // Short columns stand in the middle of the longest one.
    const offset = ((most - nodes.length) * (box.height + box.gapY)) / 2
    nodes.forEach(({ id }, row) =>
      places.set(id, {
        x: column * (box.width + box.gapX),
        y: box.top + offset + row * (box.height + box.gapY),
      }),
    )
  })
  return (
    <figure style={{ margin: 0 }}>
      <div className="picture">
        <svg
          viewBox={`-2 -2 ${width + 4} ${height + 4}`}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an SVG has no element for a group of links.
          role="group"
          aria-label={summary}
          style={{ maxWidth: width * 1.1 }}
        >
          <g aria-hidden="true">
            {edges.map(({ from, to, direct }) => {
              const a = places.get(from)
              const b = places.get(to)
              return (
                a && b && <path key={`${from} ${to}`} d={curve(a, b)} data-direct={direct || undefined} />
              )
            })}
          </g>
          {columns.map(({ title }, column) => (
            <text key={title} className="picture-head" x={column * (box.width + box.gapX)} y={14}>
              {title}
            </text>
          ))}
          {columns.flatMap(({ nodes }) =>
            nodes.map((node) => {
              const { x, y } = places.get(node.id) ?? { x: 0, y: 0 }
              const content = <Box node={node} x={x} y={y} />
              if (!node.to) return <g key={node.id}>{content}</g>
              const { to } = node
              return (
                <a
                  key={node.id}
                  href={`/dashboard${to}`}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey) return
                    event.preventDefault()
                    void navigate(to)
                  }}
                >
                  {content}
                </a>
              )
            }),
          )}
        </svg>
      </div>
      <details className="picture-text" open={text.length < 6}>
        <summary>{access.asText}</summary>
        <ul>
          {text.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
    </figure>
  )
}

function Box({ node: { label, note, kind }, x, y }: { node: Node; x: number; y: number }) {
  return (
    <g data-kind={kind} transform={`translate(${x} ${y})`}>
      <title>{label}</title>
      <rect
        width={box.width}
        height={box.height}
        rx={8}
        strokeDasharray={kind === 'note' ? '4 4' : undefined}
      />
      <text x={12} y={note ? 17 : 25}>
        {shorten(label)}
      </text>
      {note && (
        <text className="picture-note" x={12} y={32}>
          {shorten(note)}
        </text>
      )}
    </g>
  )
}

function curve(a: { x: number; y: number }, b: { x: number; y: number }): string {
  const [left, right] = a.x < b.x ? [a, b] : [b, a]
  const from = { x: left.x + box.width, y: left.y + box.height / 2 }
  const to = { x: right.x, y: right.y + box.height / 2 }
  const middle = (from.x + to.x) / 2
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`
}

const shorten = (text: string): string =>
  text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text
