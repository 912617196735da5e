import { useState } from 'react'
import { Link } from 'react-router'
import { Icon } from '../../shared/ui/icon.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { type Access, type Edge, graphOf, type Node } from './picture-graph.ts'
import './picture.css'
import { access as text } from './text.ts'

/** As in picture.css. */
const box = { width: 260, height: 40, gapX: 90, gapY: 8 }
/** From here on a picture is searched. */
const searchedFrom = 15

/**
 * Columns of boxes and the lines between them. A box is a link, or the button of an API that shows its permissions. The
 * lines are described in words below.
 */
export function Picture({ summary, access, sentences }: Props) {
  const [filter, setFilter] = useState('')
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState<string>()
  const { columns, edges } = graphOf(access, { filter, toggled })
  const shown = [columns.users, columns.roles, columns.permissions]
  const toggle = (id: string) => setToggled((old) => old.symmetricDifference(new Set([id])))
  return (
    <figure className="picture-figure">
      {access.permissions.length + access.roles.length >= searchedFrom && (
        <div className="toolbar">
          <SearchField label={text.searchPicture} value={filter} onChange={setFilter} />
        </div>
      )}
      <section className="picture" aria-label={summary}>
        <div className="picture-columns">
          <Lines columns={shown} edges={edges} active={active} />
          {titles.map((title, index) => (
            <section key={title} aria-label={title}>
              <h2 className="picture-head">{title}</h2>
              <ul>
                {shown[index]?.map((node) => (
                  <li key={node.id} className="picture-box" data-kind={node.kind}>
                    <Box
                      node={node}
                      onToggle={() => toggle(node.id)}
                      onActive={(isActive) => setActive(isActive ? node.id : undefined)}
                    />
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </section>
      <details className="picture-text" open={sentences.length < 6}>
        <summary>{text.asText}</summary>
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
    </figure>
  )
}

interface Props {
  summary: string
  access: Access
  /** The same in words. */
  sentences: string[]
}

const titles = [text.columns.users, text.columns.roles, text.columns.permissions]

interface BoxProps {
  node: Node
  onToggle: () => void
  /** The pointer or the focus comes and goes: the lines of the box are marked. */
  onActive: (isActive: boolean) => void
}

function Box({ node: { label, note, to, kind, open }, onToggle, onActive }: BoxProps) {
  const content = (
    <>
      <bdi className="picture-label">{label}</bdi>
      {note && <span className="picture-note">{note}</span>}
    </>
  )
  const marks = {
    onPointerEnter: () => onActive(true),
    onPointerLeave: () => onActive(false),
    onFocus: () => onActive(true),
    onBlur: () => onActive(false),
  }
  if (kind === 'api')
    return (
      <button type="button" title={label} aria-expanded={open} onClick={onToggle} {...marks}>
        <Icon name={open ? 'down' : 'right'} size={14} />
        <span className="picture-words">{content}</span>
      </button>
    )
  if (!to) return <span title={label}>{content}</span>
  return (
    <Link to={to} title={note ? `${label}: ${note}` : label} {...marks}>
      {content}
    </Link>
  )
}

function Lines({ columns, edges, active }: { columns: Node[][]; edges: Edge[]; active: string | undefined }) {
  const places = new Map(
    columns.flatMap((nodes, column) =>
      nodes.map(({ id }, row) => [
        id,
        { x: column * (box.width + box.gapX), y: row * (box.height + box.gapY) + box.height / 2 },
      ]),
    ),
  )
  return (
    <svg className="picture-lines" aria-hidden="true">
      {edges.map(({ from, to, direct }) => {
        const [a, b] = [places.get(from), places.get(to)]
        if (!a || !b) return null
        return (
          <path
            key={`${from} ${to}`}
            d={curve(a.x + box.width, a.y, b.x, b.y)}
            data-direct={direct || undefined}
            data-active={from === active || to === active || undefined}
          />
        )
      })}
    </svg>
  )
}

function curve(fromX: number, fromY: number, toX: number, toY: number): string {
  const middle = toX - box.gapX / 2
  return `M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${toX} ${toY}`
}
