import { useEffect, useRef } from 'react'
import type { AlertGroup } from './alert-snapshot.ts'

/** Calls with each group that has come since the first ones were shown; once for each. */
export function useNews(groups: readonly AlertGroup[] | undefined, onNew: (group: AlertGroup) => void): void {
  const known = useRef<ReadonlySet<string>>(undefined)
  const call = useRef(onNew)
  useEffect(() => {
    call.current = onNew
  })
  useEffect(() => {
    if (groups === undefined) return
    const before = known.current
    // Those that are over leave: what is remembered is bounded.
    known.current = new Set(groups.map(({ id }) => id))
    if (before === undefined) return
    for (const group of groups) if (!before.has(group.id)) call.current(group)
  }, [groups])
}
