import { useEffect, useReducer, useState } from 'react'
import { LogSession } from '../stream/log-session.ts'
import { FrameGate } from './frame-gate.ts'

export interface SessionOptions {
  readonly url: string
  readonly token: string | undefined
  readonly linesMax: number
  readonly isFollowing: boolean
  /** Undefined: with what is new. */
  readonly place: string | undefined
}

/** A session that lives as long as its options stay the same. The component is drawn again once a frame while lines come. */
export function useLogSession({ url, token, linesMax, isFollowing, place }: SessionOptions): LogSession | undefined {
  const [session, setSession] = useState<LogSession>()
  const [, drawAgain] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const gate = new FrameGate(drawAgain)
    const options = { linesMax, isFollowing, changed: () => gate.ask() }
    const opened = new LogSession({ url, token }, options)
    opened.start(place)
    setSession(opened)
    const timer = setInterval(() => opened.tick(), 1000)
    return () => {
      clearInterval(timer)
      gate.close()
      opened.close()
    }
  }, [url, token, linesMax, isFollowing, place])
  return session
}
