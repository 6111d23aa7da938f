import { useEffect, useState } from 'react'
import { type FleetClient, FleetRefusal } from '../fleet/fleet-client.ts'
import type { FleetReport } from '../fleet/fleet-report.ts'

export interface FleetState {
  readonly now: FleetReport | undefined
  /** Some polls ago, for rates. */
  readonly before: FleetReport | undefined
  /** Why there is nothing newer; undefined: there is. */
  readonly fault: string | undefined
}

/** Rates of three polls are quieter than those of two. */
const reportsKept = 3
const nothing: FleetState = Object.freeze({ now: undefined, before: undefined, fault: undefined })

/** Asks again and again while the page can be seen. */
export function useFleet(
  client: FleetClient,
  intervalMs: number,
  onRefused: (refusal: FleetRefusal) => void,
): FleetState {
  const [state, setState] = useState(nothing)
  useEffect(() => {
    const ended = new AbortController()
    let reports: readonly FleetReport[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      timer = undefined
      try {
        const report = await client.status(ended.signal)
        // The server asks workers less often than pages ask the server.
        if (report.atMs !== reports.at(-1)?.atMs) reports = [...reports, report].slice(-reportsKept)
        setState({ now: reports.at(-1), before: reports.length > 1 ? reports[0] : undefined, fault: undefined })
      } catch (error) {
        if (ended.signal.aborted) return
        if (error instanceof FleetRefusal) onRefused(error)
        const fault = error instanceof Error ? error.message : String(error)
        setState((last) => ({ ...last, fault }))
      }
      if (!ended.signal.aborted && !document.hidden) timer = setTimeout(() => void ask(), intervalMs)
    }
    const show = (): void => {
      clearTimeout(timer)
      timer = document.hidden ? undefined : setTimeout(() => void ask(), 0)
    }
    document.addEventListener('visibilitychange', show)
    show()
    return () => {
      ended.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', show)
    }
  }, [client, intervalMs, onRefused])
  return state
}
