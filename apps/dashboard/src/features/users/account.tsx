import { Button } from '@mantine/core'
import { useCan, useSession } from '../../shared/auth/session.ts'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { removals } from '../../shared/management/removals.ts'
import { useEndPauses, useUserPauses } from '../../shared/management/user-activity.ts'
import {
  hasDatabaseAccount,
  type User,
  useBlockUser,
  usePasswordTicket,
  useVerificationMail,
} from '../../shared/management/users.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { userDetails as text } from './text.ts'

/** What is done with an account at once, without saving. */
export function Account({ user }: { user: User }) {
  const can = useCan()
  const isHere = hasDatabaseAccount(user)
  return (
    <Section title={text.account} {...(!isHere && { description: text.elsewhere })}>
      <div className="settings-lines">
        <Block user={user} />
        <Pauses user={user} />
        {isHere && !user.email_verified && <Verification user={user} />}
        {isHere && can('create:user_tickets') && <PasswordLink user={user} />}
      </div>
    </Section>
  )
}

function Block({ user }: { user: User }) {
  const session = useSession()
  const { mutateAsync: setBlocked, isPending } = useBlockUser(user.user_id)
  const act = useAction()
  const block = () =>
    act({
      question: {
        title: text.blockTitle(user.email),
        body: text.blockHint,
        changes: [removals.blockUser(user.user_id)],
        action: text.block,
      },
      run: () => setBlocked(true),
      done: text.blocked(user.email),
      undoable: true,
    })
  const unblock = () =>
    act({ run: () => setBlocked(false), done: text.unblocked(user.email), undoable: true })
  const own = session.user.sub === user.user_id
  return (
    <div className="settings-line">
      <p>{own ? text.yourself : user.blocked ? text.unblockHint : text.blockHint}</p>
      <Button loading={isPending} disabled={own} onClick={() => void (user.blocked ? unblock() : block())}>
        {user.blocked ? text.unblock : text.block}
      </Button>
    </div>
  )
}

/** Shown while logins to the account are paused. */
function Pauses({ user: { user_id, email } }: { user: User }) {
  const { data: pauses = [] } = useUserPauses(user_id)
  const end = useEndPauses()
  const act = useAction()
  if (pauses.length === 0) return null
  return (
    <div className="settings-line">
      <p>{text.paused(pauses.map(({ ip }) => ip ?? '').join(', '))}</p>
      <Button
        loading={end.isPending}
        onClick={() => void act({ run: () => end.mutateAsync(user_id), done: text.pauseEnded(email) })}
      >
        {text.endPause}
      </Button>
    </div>
  )
}

function Verification({ user }: { user: User }) {
  const send = useVerificationMail()
  const { sends_mail } = useConfiguration()
  const act = useAction()
  return (
    <div className="settings-line">
      <p>{text.verifyHint}</p>
      <Button
        loading={send.isPending}
        onClick={() =>
          void act({ run: () => send.mutateAsync(user.user_id), done: sends_mail ? text.sent : text.kept })
        }
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
