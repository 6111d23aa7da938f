import type { ReactNode } from 'react'
import { stateInWords } from '../stream/connection-state.ts'
import type { LogSession } from '../stream/log-session.ts'

const number = new Intl.NumberFormat('en-US')

/** The connection in words, and how many lines were not shown and why. */
export function StatusBar({ session }: { readonly session: LogSession }): ReactNode {
  const { state, notShown, received, linesPerSecond, isFollowing } = session.status
  const words = state.kind === 'open' && !isFollowing ? 'Paused: new lines are kept below' : stateInWords(state)
  const hidden = notShown.rate + notShown.filter + notShown.buffer
  return (
    <footer className="mr-status">
      <span className={`mr-dot mr-state-${isFollowing ? state.kind : 'paused'}`} aria-hidden="true" />
      <span role="status">{words}</span>
      <span>{number.format(linesPerSecond)} lines/s</span>
      <span>
        {number.format(received)} received, {number.format(session.store.rows.length)} rows here
      </span>
      <span className="mr-space" />
      <span className={notShown.rate + notShown.buffer > 0 ? 'mr-loss' : undefined}>
        {number.format(hidden)} lines not shown
        {hidden > 0 && (
          <>
            : {number.format(notShown.filter)} by the filter, {number.format(notShown.rate)} above the rate limit,{' '}
            {number.format(notShown.buffer)} because this page was too slow
          </>
        )}
      </span>
    </footer>
  )
}
