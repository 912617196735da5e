import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { Scope } from '../management/apis.ts'
import { common } from '../text.ts'
import './permission-picker.css'
import { includesText } from '../match.ts'
import { SearchField } from './search-field.tsx'
import { picker } from './text.ts'

interface Props {
  scopes: Scope[]
  picked: ReadonlySet<string>
  onPick: (picked: ReadonlySet<string>) => void
}

/** Ticks permissions of one API: one by one, All or None of those that the filter lets through. */
export function PermissionPicker({ scopes, picked, onPick }: Props) {
  const [filter, setFilter] = useState('')
  const shown = scopes.filter(({ value, description }) => includesText(`${value} ${description}`, filter))
  const names = shown.map(({ value }) => value)
  if (scopes.length === 0) return <p className="dim">{picker.empty}</p>
  return (
    <div className="picker">
      <div className="toolbar">
        <SearchField label={picker.filter} value={filter} onChange={setFilter} />
        <span className="row">
          <span className="dim small">{picker.select}</span>
          <Button size="compact-sm" onClick={() => onPick(picked.union(new Set(names)))}>
            {picker.all}
          </Button>
          <Button size="compact-sm" onClick={() => onPick(picked.difference(new Set(names)))}>
            {picker.none}
          </Button>
        </span>
      </div>
      {shown.length === 0 && <p className="dim">{common.noMatch(filter)}</p>}
      <ul className="picker-list">
        {shown.map(({ value, description }) => (
          <li key={value}>
            <Checkbox
              label={<code>{value}</code>}
              description={description}
              checked={picked.has(value)}
              onChange={({ currentTarget: { checked } }) =>
                onPick(checked ? picked.union(new Set([value])) : picked.difference(new Set([value])))
              }
            />
          </li>
        ))}
      </ul>
      <p className="dim small" aria-live="polite">
        {picker.selected(picked.size, scopes.length)}
      </p>
    </div>
  )
}
