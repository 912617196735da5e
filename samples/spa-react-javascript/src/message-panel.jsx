import { useAuth0 } from '@auth0/auth0-react'
import { useEffect, useState } from 'react'
import { useLocation } from 'react-router'
import { CodeBlock } from './code-block.jsx'
import { useConfiguration } from './configuration-context.js'
import { SessionEnded, tokenFailure } from './failure.js'
import { Loader } from './loader.jsx'
import { fetchMessage } from './messages.js'
import { FailureNotice } from './notice.jsx'
import { useSession } from './session.jsx'

/** Requests a message from the API and shows the JSON response, success or refusal. */
export function MessagePanel(props) {
  const [attempt, setAttempt] = useState(1)
  return <Attempt key={attempt} {...props} retry={() => setAttempt(attempt + 1)} />
}

function Attempt({ title, path, withAccessToken, retry }) {
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

function RequestLine({ path, answer }) {
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

function useMessage(path, withAccessToken) {
  const { getAccessTokenSilently } = useAuth0()
  const { apiServerUrl, authorizationServer } = useConfiguration()
  const [outcome, setOutcome] = useState({})

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller

    const getAccessToken = (renew) =>
      getAccessTokenSilently({ cacheMode: renew ? 'off' : 'on' }).catch((cause) => {
        throw tokenFailure(authorizationServer, cause)
      })

    fetchMessage(apiServerUrl, path, withAccessToken ? getAccessToken : undefined, signal).then(
      (answer) => !signal.aborted && setOutcome({ answer }),
      (failure) => !signal.aborted && setOutcome({ failure }),
    )
    return () => controller.abort()
  }, [path, withAccessToken, apiServerUrl, authorizationServer, getAccessTokenSilently])

  return outcome
}
