import { NativeSelect } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { type User, useUser, useUserPage } from '../management/users.ts'
import { Failure } from '../ui/failure.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { userField as text } from './text.ts'

const offered = 50

interface Props {
  /** The id of a user. */
  chosen: string | undefined
  onChoose: (id: string) => void
  /** The option of the select that stands for no user. */
  prompt?: string
}

/** Chooses a user: a search, and a select with what it finds. If a search finds one user, that one is chosen. */
export function UserField({ chosen, onChoose, prompt }: Props) {
  const [typed, setTyped] = useState('')
  const users = useUserPage(0, typed, offered)
  const { data: user } = useUser(chosen)
  const found = users.data?.items ?? []
  const isSearched = typed.trim() !== '' && users.data !== undefined && !users.isPlaceholderData
  const only = isSearched && found.length === 1 ? found[0]?.user_id : undefined
  /** The text that has chosen a user: another choice may follow. */
  const choosing = useRef('')
  useEffect(() => {
    if (only === undefined || choosing.current === typed) return
    choosing.current = typed
    if (only !== chosen) onChoose(only)
  }, [only, typed, chosen, onChoose])
  if (users.error) return <Failure error={users.error} onRetry={() => void users.refetch()} />
  return (
    <>
      <SearchField label={text.search} value={typed} onChange={setTyped} />
      <NativeSelect
        className="name-select"
        aria-label={text.label}
        value={chosen ?? ''}
        data={[
          ...(prompt === undefined
            ? []
            : [{ value: '', label: isSearched && !chosen ? text.found(found.length, offered) : prompt }]),
          ...optionsOf(user?.value, found),
        ]}
        onChange={({ currentTarget: { value } }) => onChoose(value)}
      />
    </>
  )
}

/** The chosen user, and the users that were found. */
function optionsOf(chosen: User | undefined, found: User[]) {
  const isFound = found.some(({ user_id }) => user_id === chosen?.user_id)
  const all = chosen && !isFound ? [chosen, ...found] : found
  return all.map(({ user_id, email }) => ({ value: user_id, label: email }))
}
