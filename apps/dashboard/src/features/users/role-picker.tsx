import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { Role } from '../../shared/management/roles.ts'
import { includesText } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { SearchField } from '../../shared/ui/search-field.tsx'
import '../../shared/ui/permission-picker.css'
import { userRoles as text } from './text.ts'

const searchFrom = 8

interface Props {
  roles: Role[]
  picked: ReadonlySet<string>
  onPick: (picked: ReadonlySet<string>) => void
}

/** Roles to tick. A long list has a filter. */
export function RolePicker({ roles, picked, onPick }: Props) {
  const [filter, setFilter] = useState('')
  if (roles.length === 0) return <p className="dim">{text.noRoles}</p>
  const shown = roles.filter(({ id, name, description }) =>
    includesText(`${name} ${description} ${id}`, filter),
  )
  return (
    <>
      {roles.length > searchFrom && <SearchField label={text.search} value={filter} onChange={setFilter} />}
      {shown.length === 0 && <p className="dim">{common.noMatch(filter)}</p>}
      <ul className="picker-list">
        {shown.map(({ id, name, description }) => (
          <li key={id}>
            <Checkbox
              label={name}
              description={description}
              checked={picked.has(id)}
              onChange={({ currentTarget: { checked } }) =>
                onPick(checked ? picked.union(new Set([id])) : picked.difference(new Set([id])))
              }
            />
          </li>
        ))}
      </ul>
    </>
  )
}
