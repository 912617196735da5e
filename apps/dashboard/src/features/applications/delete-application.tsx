import { Button } from '@mantine/core'
import { useNavigate } from 'react-router'
import { type Client, useDeleteApplication } from '../../shared/management/applications.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { applicationSettings as text } from './text.ts'

export function DeleteApplication({ application }: { application: Client }) {
  const remove = useDeleteApplication()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const run = async () => {
    const agreed = await confirm({
      title: text.deleteTitle(application.name),
      body: text.dangerHint,
      action: text.delete,
    })
    if (!agreed) return
    remove.mutate(application.client_id, {
      onSuccess: () => {
        toast.done(text.deleted(application.name))
        void navigate('/applications')
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
