import { type ReactNode, useEffect, useRef } from 'react'

export interface TokenDialogProps {
  /** A token was given, and the server did not accept it. */
  readonly isWrong: boolean
  readonly onToken: (token: string) => void
}

/** Asks for the token of the live tail. It is kept until the tab is closed. */
export function TokenDialog({ isWrong, onToken }: TokenDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="token" aria-labelledby="token-title">
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          const token = new FormData(event.currentTarget).get('token')
          if (typeof token === 'string' && token.trim() !== '') onToken(token.trim())
        }}
      >
        <h2 id="token-title">This live tail needs a token</h2>
        <p>{isWrong ? 'The server did not accept the last one. ' : ''}It is kept until you close this tab.</p>
        <input name="token" type="password" autoComplete="off" aria-label="token" />
        <button type="submit">Connect</button>
      </form>
    </dialog>
  )
}
