import { Failure } from './failure.js'

/** Shows an error and a button for what to do about it. */
export function FailureNotice({ failure, action }) {
  return (
    <div className="notice" role="alert">
      <p className="notice-title">{failure instanceof Failure ? failure.title : 'Something went wrong'}</p>
      <p>{failure instanceof Error ? failure.message : String(failure)}</p>
      {action && (
        <button type="button" className="button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  )
}
