import { Button } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { type Client, useFreshSecret, useRotateSecret } from '../../shared/management/applications.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { applicationSettings as text } from './text.ts'

/** The secret right after it was made, and the way to a new one. Only its hash is kept by the server. */
export function Secret({ application }: { application: Client }) {
  const can = useCan()
  const rotate = useRotateSecret()
  const act = useAction()
  const secret = useFreshSecret(application.client_id)
  const run = () =>
    act({
      question: { title: text.rotateTitle(application.name), body: text.rotateBody, action: text.rotate },
      run: () => rotate.mutateAsync(application.client_id),
      done: text.rotated,
    })
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
