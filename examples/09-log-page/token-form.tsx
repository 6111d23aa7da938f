import { type ReactNode, useState } from 'react'

/** Asks for the token of the live tail, which is kept until the tab is closed. */
export function TokenForm({ onToken }: { readonly onToken: (token: string) => void }): ReactNode {
  const [token, setToken] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onToken(token.trim())
      }}
    >
      <label>
        Token of the live tail{' '}
        <input
          type="password"
          autoComplete="off"
          required
          value={token}
          onChange={({ target }) => setToken(target.value)}
        />
      </label>
      <button type="submit">Show logs</button>
    </form>
  )
}
