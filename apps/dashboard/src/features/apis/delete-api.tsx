import { Button } from '@mantine/core'
import { useNavigate } from 'react-router'
import { type ResourceServer, useDeleteApi } from '../../shared/management/apis.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { ImpactNote } from '../../shared/ui/impact-note.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { apiSettings as text } from './text.ts'

export function DeleteApi({ api }: { api: ResourceServer }) {
  const remove = useDeleteApi()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const run = async () => {
    const agreed = await confirm({
      title: text.deleteTitle(api.name),
      body: <ConfirmBody id={api.id} />,
      action: text.delete,
    })
    if (!agreed) return
    remove.mutate(api.id, {
      onSuccess: () => {
        toast.done(text.deleted(api.name))
        void navigate('/apis')
      },
      onError: failed,
    })
  }
  return (
    <div style={{ marginTop: 32 }}>
      <Section
        danger
        title={text.danger}
        description={text.dangerHint}
        actions={
          <Button color="red" variant="outline" loading={remove.isPending} onClick={() => void run()}>
            {text.delete}
          </Button>
        }
      />
    </div>
  )
}

function ConfirmBody({ id }: { id: string }) {
  return (
    <div className="stack">
      <ImpactNote removal={{ api: id }} />
      <p>{text.dangerHint}</p>
    </div>
  )
}
