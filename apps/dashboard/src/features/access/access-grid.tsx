import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import type { ResourceServer, Scope } from '../../shared/management/apis.ts'
import type { Role } from '../../shared/management/roles.ts'
import { EndClamped } from '../../shared/ui/end-clamped.tsx'
import { access } from './text.ts'
import './access-grid.css'
import { useGridKeys } from './use-grid-keys.ts'
import { useGridToggle } from './use-grid-toggle.ts'

interface Props {
  api: ResourceServer
  permissions: Scope[]
  roles: Role[]
  held: { role_id: string; permission_name: string }[]
}

/** Roles × permissions, after the grid pattern of the ARIA Authoring Practices: one tab stop, arrow keys inside. */
export function AccessGrid({ api, permissions, roles, held }: Props) {
  const can = useCan()
  const toggle = useGridToggle(api)
  const { grid, cursor, onKeyDown, focusOn } = useGridKeys(permissions.length, roles.length)
  const keys = new Set(held.map(({ role_id, permission_name }) => `${role_id} ${permission_name}`))
  const isFixed = (role: Role) => role.type === 'system' || !can('update:roles')
  return (
    <>
      <p className="dim small" id="grid-hint" style={{ marginBottom: 8 }}>
        {access.gridHint}
      </p>
      <div className="table-frame access-frame">
        <table
          ref={grid}
          className="access-grid"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- the grid pattern, on a real table.
          role="grid"
          aria-label={access.gridLabel(api.name)}
          aria-describedby="grid-hint"
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr>
              <th scope="col">{access.permission}</th>
              {roles.map(({ id, name }) => (
                <th key={id} scope="col">
                  <Link to={`/roles/${id}`} tabIndex={-1} title={name} aria-label={name}>
                    <EndClamped name={name} />
                  </Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {permissions.map(({ value, description }, row) => (
              <tr key={value}>
                <th scope="row">
                  <code title={value}>
                    <EndClamped name={value} />
                  </code>
                  <span className="access-description" title={description}>
                    {description}
                  </span>
                </th>
                {roles.map((role, column) => {
                  const checked = keys.has(`${role.id} ${value}`)
                  return (
                    <td key={role.id}>
                      <input
                        type="checkbox"
                        className="access-cell"
                        data-row={row}
                        data-column={column}
                        checked={checked}
                        aria-disabled={isFixed(role)}
                        aria-label={access.cell(value, role.name)}
                        tabIndex={cursor.row === row && cursor.column === column ? 0 : -1}
                        onFocus={() => focusOn(row, column)}
                        onChange={() => {
                          if (!isFixed(role)) toggle(role, value, !checked)
                        }}
                      />
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
