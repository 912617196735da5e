import type { Log, UserRole } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import type { Picked } from '../../shared/bulk/selection.ts'
import { Who } from '../../shared/logs/log-table.tsx'
import { removals } from '../../shared/management/removals.ts'
import { isAssigned } from '../../shared/management/roles.ts'
import { type User, useChangeUserRoles, useUserRoles } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { common } from '../../shared/text.ts'
import { RemoveButton } from '../../shared/ui/buttons.tsx'
import { RoleSources } from '../../shared/ui/role-sources.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { AssignRolesDialog } from './assign-roles-dialog.tsx'
import { useRoleAssignments } from './assignments.ts'
import { userRoles as text } from './text.ts'

export function RolesTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserRoles(user.user_id)
  const change = useChangeUserRoles()
  const act = useAction()
  const assignments = useRoleAssignments(
    user.user_id,
    can('read:logs') ? query.data?.map(({ id }) => id) : undefined,
  )
  const assigned: Column<UserRole> = {
    key: 'assigned',
    header: text.assigned,
    wide: true,
    render: (role) =>
      isAssigned(role) && assignments.data && <Assigned entry={assignments.data.get(role.id)} />,
  }
  const given: Column<UserRole> = {
    key: 'source',
    header: text.source,
    render: ({ rolecall_sources: sources }) => <RoleSources sources={sources} />,
  }
  const isGiven = query.data?.some((role) =>
    role.rolecall_sources.some(({ source_type: type }) => type === 'CONNECTION'),
  )
  const remove = ({ id, name }: UserRole) =>
    act({
      question: {
        title: text.removeTitle(name, user.email),
        changes: [removals.rolesOfUser(user.user_id, [id])],
        action: text.take,
      },
      run: () => change.mutateAsync({ id: user.user_id, remove: [id] }),
      done: text.removed(name),
      undoable: true,
    })
  return (
    <TableSection
      text={text}
      icon="role"
      query={query}
      rows={query.data}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: common.name,
          render: ({ id, name, description }) => (
            <>
              <Link className="table-link" to={`/roles/${id}`}>
                {name}
              </Link>
              <span className="narrow-only dim small">{description}</span>
            </>
          ),
        },
        {
          key: 'description',
          header: common.description,
          wide: true,
          render: ({ description }) => description,
        },
        ...(isGiven ? [given] : []),
        ...(can('read:logs') ? [assigned] : []),
      ]}
      add={
        can('update:users', 'read:roles') && {
          label: text.assign,
          renderDialog: (close) => <AssignRolesDialog user={user} held={query.data ?? []} onClose={close} />,
        }
      }
      bulk={
        can('update:users') && {
          nameOf: ({ name }) => name,
          may: isAssigned,
          renderActions: (picked, clear) => <RemoveRoles user={user} picked={picked} clear={clear} />,
        }
      }
      remove={can('update:users') && { label: ({ name }) => text.remove(name), may: isAssigned, run: remove }}
    />
  )
}

/** When and by whom, with a link to the entry of the log. */
function Assigned({ entry }: { entry: Log | undefined }) {
  if (!entry) return <span className="dim">{text.notRecorded}</span>
  return (
    <>
      <Link to={`/logs/${entry.log_id}`}>
        <Time value={entry.date} />
      </Link>{' '}
      <span className="small">
        {text.by} <Who entry={entry} />
      </span>
    </>
  )
}

function RemoveRoles({ user, picked, clear }: { user: User; picked: Picked; clear: () => void }) {
  const change = useChangeUserRoles()
  const act = useAction()
  const run = async () => {
    const roles = [...picked.keys()]
    const isDone = await act({
      question: {
        title: text.removeSome(roles.length),
        changes: [removals.rolesOfUser(user.user_id, roles)],
        action: common.remove,
      },
      run: () => change.mutateAsync({ id: user.user_id, remove: roles }),
      done: text.removedSome(roles.length),
      undoable: true,
    })
    if (isDone) clear()
  }
  return <RemoveButton onClick={() => void run()} />
}
