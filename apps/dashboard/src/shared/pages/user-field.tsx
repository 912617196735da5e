import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
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

/** Chooses a user: a search, and a select with what it finds. */
export function UserField({ chosen, onChoose, prompt }: Props) {
  const [typed, setTyped] = useState('')
  const users = useUserPage(0, typed, offered)
  const { data: user } = useUser(chosen)
  if (users.error) return <Failure error={users.error} onRetry={() => void users.refetch()} />
  return (
    <>
      <SearchField label={text.search} value={typed} onChange={setTyped} />
      <NativeSelect
        className="filter-select"
        aria-label={text.label}
        value={chosen ?? ''}
        data={[
          ...(prompt === undefined ? [] : [{ value: '', label: prompt }]),
          ...optionsOf(user?.value, users.data?.items ?? []),
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
