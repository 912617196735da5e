import { Button } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { type Client, useFreshSecret, useRotateSecret } from '../../shared/management/applications.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { applicationSettings as text } from './text.ts'

/** The secret right after it was made, and the way to a new one. Only its hash is kept by the server. */
export function Secret({ application }: { application: Client }) {
  const can = useCan()
  const rotate = useRotateSecret()
  const confirm = useConfirm()
  const failed = useFailure()
  const secret = useFreshSecret(application.client_id)
  const run = async () => {
    const agreed = await confirm({
      title: text.rotateTitle(application.name),
      body: text.rotateBody,
      action: text.rotate,
    })
    if (agreed) rotate.mutate(application.client_id, { onError: failed })
  }
  return (
    <Section
      title={text.secret}
      description={secret ? text.secretOnce : text.secretHint}
      actions={
        can('update:client_keys') &&
        !application.is_system && (
          <Button loading={rotate.isPending} onClick={() => void run()}>
            {text.rotate}
          </Button>
        )
      }
    >
      {secret && <CodeBlock label={text.secret} code={secret} />}
    </Section>
  )
}
