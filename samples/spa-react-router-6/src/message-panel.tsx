import { useAuth0 } from '@auth0/auth0-react'
import { useEffect, useState } from 'react'
import { useLocation } from 'react-router-dom'
import { CodeBlock } from './code-block.tsx'
import { useConfiguration } from './configuration-context.ts'
import { SessionEnded, tokenFailure } from './failure.ts'
import { Loader } from './loader.tsx'
import { type Answer, fetchMessage } from './messages.ts'
import { FailureNotice } from './notice.tsx'
import { useSession } from './session.tsx'

interface MessagePanelProps {
  title: string
  /** Path of the message on the API server. */
  path: string
  /** Whether the request carries the visitor's access token. */
  withAccessToken: boolean
}

/** Requests a message from the API and shows the JSON response, success or refusal. */
export function MessagePanel(props: MessagePanelProps) {
  const [attempt, setAttempt] = useState(1)
  return <Attempt key={attempt} {...props} retry={() => setAttempt(attempt + 1)} />
}

function Attempt({ title, path, withAccessToken, retry }: MessagePanelProps & { retry: () => void }) {
  const { answer, failure } = useMessage(path, withAccessToken)
  const { resume } = useSession()
  const { pathname } = useLocation()
  const action =
    failure instanceof SessionEnded
      ? { label: 'Log in again', run: () => void resume(pathname) }
      : { label: 'Try again', run: retry }
  return (
    <CodeBlock title={title} note={<RequestLine path={path} answer={answer} />} json={answer?.body}>
      {failure === undefined ? (
        <Loader label="Asking the API…" />
      ) : (
        <FailureNotice failure={failure} action={action} />
      )}
    </CodeBlock>
  )
}

function RequestLine({ path, answer }: { path: string; answer: Answer | undefined }) {
  return (
    <>
      <code>GET {path}</code>
      {answer && (
        <span className="status" data-granted={answer.status < 400}>
          {answer.status}
        </span>
      )}
    </>
  )
}

function useMessage(path: string, withAccessToken: boolean): { answer?: Answer; failure?: unknown } {
  const { getAccessTokenSilently } = useAuth0()
  const { apiServerUrl, authorizationServer } = useConfiguration()
  const [outcome, setOutcome] = useState<{ answer?: Answer; failure?: unknown }>({})

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller

    const getAccessToken = (renew: boolean) =>
      getAccessTokenSilently({ cacheMode: renew ? 'off' : 'on' }).catch((cause: unknown) => {
        throw tokenFailure(authorizationServer, cause)
      })

    fetchMessage(apiServerUrl, path, withAccessToken ? getAccessToken : undefined, signal).then(
      (answer) => !signal.aborted && setOutcome({ answer }),
      (failure: unknown) => !signal.aborted && setOutcome({ failure }),
    )
    return () => controller.abort()
  }, [path, withAccessToken, apiServerUrl, authorizationServer, getAccessTokenSilently])

  return outcome
}
