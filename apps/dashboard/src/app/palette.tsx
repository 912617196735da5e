import { Modal, TextInput } from '@mantine/core'
import {
  type KeyboardEvent,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { useNavigate } from 'react-router'
import { useSession } from '../shared/auth/session.ts'
import { useFound } from '../shared/management/found.ts'
import { includesText } from '../shared/match.ts'
import { common } from '../shared/text.ts'
import { Failure } from '../shared/ui/failure.tsx'
import { Icon } from '../shared/ui/icon.tsx'
import { useReturnFocus } from '../shared/ui/use-return-focus.ts'
import { actionEntries, type Entry, foundEntries, pageEntries } from './palette-entries.ts'
import './palette.css'
import { palette } from './text.ts'
import type { Typed } from './use-palette.tsx'

const pauseMilliseconds = 150

interface Props {
  opened: boolean
  /** Ends the collection of keys that are typed before the field has the focus. @returns what was typed */
  takeTyped: () => Typed
  onClose: () => void
}

/** Finds objects, pages and actions by text. The keys are those of a combobox with a list (ARIA APG). */
export default function Palette({ opened, takeTyped, onClose }: Props) {
  useReturnFocus(opened)
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size="lg"
      padding={0}
      yOffset="10vh"
      returnFocus={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={palette.label}>
        <Modal.Body>
          <Finder takeTyped={takeTyped} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

function Finder({ takeTyped, onClose }: Omit<Props, 'opened'>) {
  const { permissions, logOut } = useSession()
  const navigate = useNavigate()
  const listId = useId()
  const [typed, setTyped] = useState('')
  const text = usePaused(typed)
  /** The entry that the arrow keys have moved to; undefined: the first. What is found later does not move it. */
  const [active, setActive] = useState<string>()
  const [isEntered, setEntered] = useState(false)
  const found = useFound(text)
  const fixed = [...pageEntries(permissions), ...actionEntries(permissions, logOut)].filter(({ name }) =>
    includesText(name, typed.trim()),
  )
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const onFocus = () => {
    const early = takeTyped()
    if (early.text !== '') setTyped(early.text)
    if (early.isEntered) setEntered(true)
  }
  const isWaiting = typed.trim() !== text.trim() || found.isFetching
  // What an earlier text has found is not shown under a later one.
  const isFound = typed.trim() !== '' && typed.trim() === text.trim()
  const entries = [...(isFound ? foundEntries(found.data ?? []) : []), ...fixed]
  const chosen = entries.findIndex(({ id }) => id === active)
  const at = Math.max(0, chosen)
  const current = entries[at]
  const idOf = (entry: Entry) => `${listId}-${entry.id}`
  useEffect(() => {
    if (current) document.getElementById(`${listId}-${current.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [current, listId])
  const choose = (entry: Entry) => {
    onClose()
    if (entry.run) entry.run()
    else void navigate(entry.to)
  }
  const chooseFirst = useEffectEvent(() => {
    if (current) choose(current)
  })
  // Enter before the answer: the first entry is known only then.
  const isAnswered = isEntered && !isWaiting && !found.error
  useEffect(() => {
    if (isAnswered) chooseFirst()
  }, [isAnswered])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && entries.length > 0) {
      setEntered(false)
      setActive(entries[(at + step + entries.length) % entries.length]?.id)
    } else if (event.key === 'Enter' && current && (chosen >= 0 || !isWaiting)) choose(current)
    else if (event.key === 'Enter') setEntered(true)
    else return
    event.preventDefault()
  }
  return (
    <>
      <TextInput
        ref={field}
        data-autofocus
        className="palette-input"
        variant="unstyled"
        size="md"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no element of HTML is a field with a list of options below it.
        role="combobox"
        aria-label={palette.label}
        aria-expanded={entries.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={current && idOf(current)}
        placeholder={palette.placeholder}
        leftSection={<Icon name="search" />}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
          setActive(undefined)
          setEntered(false)
        }}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
      />
      {found.error && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no element of HTML is a field with a list of options below it.
        role="listbox"
        id={listId}
        aria-label={palette.results}
        className="palette-list"
        aria-busy={isWaiting}
      >
        {[...Map.groupBy(entries, ({ group }) => group)].map(([group, some]) => (
          <div
            key={group} // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no element of HTML is a field with a list of options below it.
            role="group"
            aria-label={group}
          >
            <div className="palette-group" aria-hidden="true">
              {group}
            </div>
            {some.map((entry) => (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field above has the focus and the keys.
              <div
                key={entry.id}
                id={idOf(entry)}
                // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no element of HTML is a field with a list of options below it.
                role="option"
                aria-selected={entry === current}
                className="palette-entry"
                onClick={() => choose(entry)}
              >
                <Icon name={entry.icon} />
                <span className="palette-name">{entry.name}</span>
                <span className="palette-detail">{entry.detail}</span>
              </div>
            ))}
          </div>
        ))}
      </div>
      {entries.length === 0 && !isWaiting && <p className="palette-none dim">{common.noMatch(typed)}</p>}
      <output className="visually-hidden">{isWaiting ? '' : palette.count(entries.length)}</output>
    </>
  )
}

/** A text after a pause in typing. */
function usePaused(typed: string): string {
  const [text, setText] = useState(typed)
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), pauseMilliseconds)
    return () => clearTimeout(timer)
  }, [typed])
  return text
}
