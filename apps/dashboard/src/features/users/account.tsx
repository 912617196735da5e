import { Button } from '@mantine/core'
import { useCan, useSession } from '../../shared/auth/session.ts'
import {
  type User,
  usePasswordTicket,
  useUpdateUser,
  useVerificationMail,
} from '../../shared/management/users.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { userDetails as text } from './text.ts'

/** What is done with an account at once, without saving. */
export function Account({ user }: { user: User }) {
  const can = useCan()
  return (
    <Section title={text.account}>
      <div className="settings-lines">
        <Block user={user} />
        {!user.email_verified && <Verification user={user} />}
        {can('create:user_tickets') && <PasswordLink user={user} />}
      </div>
    </Section>
  )
}

function Block({ user }: { user: User }) {
  const session = useSession()
  const update = useUpdateUser(user.user_id)
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  const set = (blocked: boolean) =>
    update.mutate(
      { blocked },
      {
        onSuccess: () =>
          blocked
            ? toast.done(text.blocked(user.email), () => set(false))
            : toast.done(text.unblocked(user.email)),
        onError: failed,
      },
    )
  const block = async () => {
    const agreed = await confirm({
      title: text.blockTitle(user.email),
      body: text.blockHint,
      action: text.block,
    })
    if (agreed) set(true)
  }
  const own = session.user.sub === user.user_id
  return (
    <div className="settings-line">
      <p>{own ? text.yourself : user.blocked ? text.unblockHint : text.blockHint}</p>
      <Button
        loading={update.isPending}
        disabled={own}
        onClick={() => (user.blocked ? set(false) : void block())}
      >
        {user.blocked ? text.unblock : text.block}
      </Button>
    </div>
  )
}

function Verification({ user }: { user: User }) {
  const send = useVerificationMail()
  const toast = useToast()
  const failed = useFailure()
  return (
    <div className="settings-line">
      <p>{text.verifyHint}</p>
      <Button
        loading={send.isPending}
        onClick={() => send.mutate(user.user_id, { onSuccess: () => toast.done(text.sent), onError: failed })}
      >
        {text.sendVerification}
      </Button>
    </div>
  )
}

function PasswordLink({ user }: { user: User }) {
  const make = usePasswordTicket()
  const failed = useFailure()
  return (
    <>
      <div className="settings-line">
        <p>{text.resetHint}</p>
        <Button loading={make.isPending} onClick={() => make.mutate(user.user_id, { onError: failed })}>
          {text.reset}
        </Button>
      </div>
      {make.data && <CodeBlock label={text.resetLink} code={make.data.ticket} />}
    </>
  )
}
