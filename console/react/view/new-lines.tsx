import type { ReactNode } from 'react'
import type { LogSession } from '../stream/log-session.ts'

const number = new Intl.NumberFormat('en-US')

/** While somebody reads: what came meanwhile, and the ways back to it. */
export function NewLines({ session }: { readonly session: LogSession }): ReactNode {
  const { newRows, status } = session
  if (status.isFollowing || newRows === 0) return undefined
  const isHeld = status.state.kind === 'held'
  return (
    <div className="mr-new">
      <button type="button" onClick={() => session.follow(true)}>
        ↓ {number.format(newRows)} new {newRows === 1 ? 'line' : 'lines'}
        {isHeld && ', and more from there on'}
      </button>
      {isHeld && (
        <button type="button" onClick={() => session.jumpToLive()}>
          Skip to live
        </button>
      )}
    </div>
  )
}
