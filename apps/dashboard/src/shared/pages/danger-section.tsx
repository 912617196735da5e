import { Button } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import type { PlannedChange } from '../management/removals.ts'
import { Section } from '../ui/page.tsx'
import { useAction } from '../ui/use-action.ts'
import { useIsCurrent } from '../use-is-current.ts'

interface Props {
  text: {
    danger: string
    dangerHint: string
    delete: string
    deleteTitle: (name: string) => string
    deleted: (name: string) => string
  }
  id: string
  name: string
  remove: UseMutationResult<void, Error, string>
  /** The request that deletes it: the question shows its effect. */
  change: PlannedChange
  /** What the question says besides. */
  consequences?: string
  /** The list that is shown afterwards. */
  list: string
  /** Why this one cannot be deleted. */
  refusal?: string | false
}

/** The end of a resource's page: deletes it, after a question. */
export function DangerSection({
  text,
  id,
  name,
  remove,
  change,
  consequences,
  list,
  refusal = false,
}: Props) {
  const act = useAction()
  const navigate = useNavigate()
  const isCurrent = useIsCurrent()
  const run = async () => {
    const deleted = await act({
      question: {
        title: text.deleteTitle(name),
        body: consequences,
        changes: [change],
        action: text.delete,
      },
      run: () => remove.mutateAsync(id),
      done: text.deleted(name),
    })
    if (deleted && isCurrent()) await navigate(list)
  }
  return (
    <Section
      danger
      title={text.danger}
      description={refusal || text.dangerHint}
      actions={
        <Button
          color="red"
          variant="outline"
          disabled={refusal !== false}
          loading={remove.isPending}
          onClick={() => void run()}
        >
          {text.delete}
        </Button>
      }
    />
  )
}
