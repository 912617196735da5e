import type { UseMutationResult } from '@tanstack/react-query'
import type { Picked } from '../bulk/selection.ts'
import type { Bulk } from '../bulk/selection-bar.tsx'
import type { PlannedChange } from '../management/removals.ts'
import {
  type PermissionChange,
  type PermissionRef,
  permissionKey,
  permissionRef,
} from '../management/roles.ts'
import { common } from '../text.ts'
import { RemoveButton } from '../ui/buttons.tsx'
import { useAction } from '../ui/use-action.ts'
import { permissionTable as text } from './text.ts'

/** Removes several permissions of a role or a user. */
export function usePermissionBulk<Row extends PermissionRef & { resource_server_name: string }>(
  rows: readonly Row[] | undefined,
  { mutateAsync }: Pick<UseMutationResult<string[], Error, PermissionChange>, 'mutateAsync'>,
  removalOf: (refs: PermissionRef[]) => PlannedChange,
): Bulk<Row> {
  const act = useAction()
  const remove = async (picked: Picked, clear: () => void) => {
    const refs = (rows ?? []).filter((row) => picked.has(permissionKey(row))).map(permissionRef)
    const isDone = await act({
      question: { title: text.removeSome(refs.length), changes: [removalOf(refs)], action: common.remove },
      run: () => mutateAsync({ remove: refs }),
      done: text.removedSome(refs.length),
      undoable: true,
    })
    if (isDone) clear()
  }
  return {
    nameOf: ({ permission_name, resource_server_name }) => `${permission_name} (${resource_server_name})`,
    renderActions: (picked, clear) => <RemoveButton onClick={() => void remove(picked, clear)} />,
  }
}
