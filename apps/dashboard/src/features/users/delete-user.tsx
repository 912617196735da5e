import { Button } from '@mantine/core'
import { useNavigate } from 'react-router'
import { useCan, useSession } from '../../shared/auth/session.ts'
import { type User, useDeleteUser, useUserRoles } from '../../shared/management/users.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { userDetails as text } from './text.ts'

export function DeleteUser({ user }: { user: User }) {
  const session = useSession()
  const can = useCan()
  const roles = useUserRoles(can('read:roles') || can('read:role_members') ? user.user_id : undefined)
  const remove = useDeleteUser()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const own = session.user.sub === user.user_id
  const run = async () => {
    const agreed = await confirm({
      title: text.deleteTitle(user.email),
      body: text.deleteBody(roles.data?.length ?? 0),
      action: text.delete,
    })
    if (!agreed) return
    remove.mutate(user.user_id, {
      onSuccess: () => {
        toast.done(text.deleted(user.email))
        void navigate('/users')
      },
      onError: failed,
    })
  }
  return (
    <div style={{ marginTop: 32 }}>
      <Section
        danger
        title={text.danger}
        description={own ? text.yourself : text.dangerHint}
        actions={
          <Button
            color="red"
            variant="outline"
            disabled={own}
            loading={remove.isPending}
            onClick={() => void run()}
          >
            {text.delete}
          </Button>
        }
      />
    </div>
  )
}
