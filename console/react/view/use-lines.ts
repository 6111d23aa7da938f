import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { LinePlace } from '../stream/log-line.ts'
import type { LogSession } from '../stream/log-session.ts'
import { LineSearch } from './line-search.ts'
import type { ViewCommand } from './shortcuts.ts'

/** Rows that a key for a page moves. */
const pageRows = 20
const none: ReadonlySet<number> = new Set()

/** Which lines of a session are active, expanded and found. */
export interface Lines {
  readonly active: number | undefined
  readonly expanded: ReadonlySet<number>
  readonly search: LineSearch
  /** Makes a row active, stops following, and shows or hides its details. */
  readonly toggle: (number: number) => void
  /** Goes to the next match, or the one before. */
  readonly match: (direction: 1 | -1) => void
  /** Does what a key asks for; false: it is not about lines. */
  run(command: ViewCommand): boolean
}

/** `target`: a line that becomes active when it comes. */
export function useLines(session: LogSession, searched: string, target: LinePlace | undefined): Lines {
  const { store } = session
  const [active, setActive] = useState<number>()
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(none)
  const [owner, setOwner] = useState(session)
  if (owner !== session) {
    setOwner(session)
    setActive(undefined)
    setExpanded(none)
  }
  const search = useSearch(session, searched)

  const activate = (number: number): void => {
    session.follow(false)
    setActive(number)
  }
  // Always the same function: rows are drawn again only when they change.
  const toggle = useCallback(
    (number: number): void => {
      session.follow(false)
      setActive(number)
      setExpanded((open) => {
        const others = [...open].filter((one) => one !== number && session.store.row(one) !== undefined)
        return new Set(open.has(number) ? others : [...others, number])
      })
    },
    [session],
  )
  const move = (rows: number): void => {
    if (store.rows.length === 0) return
    const last = store.nextNumber - 1
    activate(Math.max(store.firstNumber, Math.min(last, active === undefined ? last : active + rows)))
  }
  const match = (direction: 1 | -1): void => {
    const found = search.step(active, direction)
    if (found !== undefined) activate(found)
  }
  const commands: Partial<Record<ViewCommand, () => void>> = {
    next: () => move(1),
    previous: () => move(-1),
    'page-down': () => move(pageRows),
    'page-up': () => move(-pageRows),
    first: () => move(-Infinity),
    last: () => {
      setActive(undefined)
      session.follow(true)
    },
    expand: () => active !== undefined && toggle(active),
    collapse: () => setExpanded(none),
    pause: () => session.follow(!session.status.isFollowing),
    'next-match': () => match(1),
    'previous-match': () => match(-1),
  }
  useTarget(session, target, (number) => {
    setActive(number)
    setExpanded(new Set([number]))
  })
  return {
    active,
    expanded,
    search,
    toggle,
    match,
    run: (command) => {
      commands[command]?.()
      return commands[command] !== undefined
    },
  }
}

/** Some rows for each picture, until all have been looked at. */
function useSearch(session: LogSession, searched: string): LineSearch {
  const search = useMemo(() => ({ session, lines: new LineSearch(searched) }), [searched, session]).lines
  const hasLookedAtAll = search.update(session.store.rows, session.store.firstNumber)
  useEffect(() => {
    if (!hasLookedAtAll) session.redraw()
  })
  return search
}

/** Looks at each row once, until the target has come. */
function useTarget(session: LogSession, target: LinePlace | undefined, found: (number: number) => void): void {
  const looked = useRef<{ readonly session: LogSession; nextNumber: number }>(undefined)
  useEffect(() => {
    if (target === undefined) return
    if (looked.current?.session !== session) looked.current = { session, nextNumber: 0 }
    const { rows, firstNumber, nextNumber } = session.store
    const from = Math.max(looked.current.nextNumber, firstNumber)
    looked.current.nextNumber = nextNumber
    const row = rows.slice(from - firstNumber).find((one) => one.kind === 'line' && one.isAt(target))
    if (row === undefined) return
    looked.current.nextNumber = Infinity
    found(row.number)
  })
}
