import { Fragment, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { LogSession } from '../stream/log-session.ts'
import { detailsHeight, LineDetails, type LineDetailsProps } from './line-details.tsx'
import { LogRow } from './log-row.tsx'
import type { LineLayout } from './log-view.ts'
import { RowLayout } from './row-layout.ts'

export const rowHeight = 22
const overscan = 8

export interface LogListProps extends Pick<LineDetailsProps, 'onLink' | 'onAround' | 'onOnly'> {
  readonly id: string
  readonly session: LogSession
  readonly layout: LineLayout
  readonly needle: string
  readonly active: number | undefined
  readonly expanded: ReadonlySet<number>
  readonly onPick: (number: number) => void
}

/** The rows that can be seen, in a box that is as high as all of them would be. */
export function LogList(props: LogListProps): ReactNode {
  const { id, session, layout, needle, active, expanded } = props
  const { store } = session
  const { isFollowing } = session.status
  const [box, setBox] = useState({ top: 0, height: 600 })
  const scroller = useRef<HTMLDivElement>(null)
  /** Where we have scrolled to ourselves: nobody has asked for the end then. */
  const ownTop = useRef(-1)
  const heights = heightsOf(props)
  const rowLayout = new RowLayout(store.rows.length, rowHeight, heights)
  const top = isFollowing ? Math.max(0, rowLayout.height - box.height) : box.top
  const [from, to] = rowLayout.range(top, box.height, overscan)
  useBoxHeight(scroller, setBox)
  useLayoutEffect(() => {
    if (isFollowing && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight
  })
  useActiveInSight(scroller, ownTop, {
    active,
    expanded,
    layout: rowLayout,
    firstNumber: store.firstNumber,
    isFollowing,
  })
  return (
    <div
      ref={scroller}
      className="mr-list"
      role="treegrid"
      tabIndex={0}
      aria-label="log lines"
      aria-rowcount={-1}
      aria-colcount={4}
      aria-activedescendant={active === undefined ? undefined : `${id}-${active}`}
      onWheel={({ deltaY, currentTarget: { scrollHeight, clientHeight } }) => {
        if (deltaY < 0 && scrollHeight > clientHeight) session.follow(false)
      }}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        setBox({ top: scrollTop, height: clientHeight })
        if (scrollTop !== ownTop.current) followEnd(session, scrollHeight - scrollTop - clientHeight)
      }}
    >
      <div className="mr-all" role="presentation" style={{ height: rowLayout.height }}>
        <div className="mr-seen" role="rowgroup" style={{ transform: `translateY(${rowLayout.topOf(from)}px)` }}>
          <HeaderRow />
          {store.rows.slice(from, to).map((row) =>
            row.kind === 'gap' ? (
              <GapMark key={row.number} reason={row.reason} />
            ) : (
              <Fragment key={row.number}>
                <LogRow
                  id={`${id}-${row.number}`}
                  row={row}
                  layout={layout}
                  needle={needle}
                  isActive={row.number === active}
                  isExpanded={expanded.has(row.number)}
                  onPick={props.onPick}
                />
                {expanded.has(row.number) && (
                  <LineDetails {...props} row={row} height={heights.get(row.number - store.firstNumber) ?? 0} />
                )}
              </Fragment>
            ),
          )}
        </div>
      </div>
    </div>
  )
}

/** Somebody who scrolls to the end follows; a little above it changes nothing. */
function followEnd(session: LogSession, pixelsBelow: number): void {
  if (pixelsBelow < 2) session.follow(true)
  else if (pixelsBelow > rowHeight * 2) session.follow(false)
}

/** For those who hear the page; the others see what the columns are. */
function HeaderRow(): ReactNode {
  return (
    <div role="row" className="mr-hidden">
      {['time', 'level', 'service and component', 'message and fields'].map((name) => (
        <span key={name} role="columnheader">
          {name}
        </span>
      ))}
    </div>
  )
}

function GapMark({ reason }: { readonly reason: string }): ReactNode {
  return (
    <div role="row" className="mr-row mr-gap">
      <span role="gridcell" aria-colspan={4}>
        {reason}
      </span>
    </div>
  )
}

function heightsOf({ session: { store }, expanded }: LogListProps): ReadonlyMap<number, number> {
  const heights = new Map<number, number>()
  for (const number of expanded) {
    const row = store.row(number)
    if (row?.kind === 'line') heights.set(number - store.firstNumber, detailsHeight(row))
  }
  return heights
}

type Scroller = RefObject<HTMLDivElement | null>

function useBoxHeight(scroller: Scroller, setBox: (box: { top: number; height: number }) => void): void {
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => setBox({ top: element.scrollTop, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, setBox])
}

interface Active {
  readonly active: number | undefined
  readonly expanded: ReadonlySet<number>
  readonly layout: RowLayout
  readonly firstNumber: number
  readonly isFollowing: boolean
}

/** Scrolls to the active row where it is out of sight: when it becomes active, and when its details open. Lines that come move nothing. */
function useActiveInSight(
  scroller: Scroller,
  ownTop: RefObject<number>,
  { active, expanded, layout, firstNumber, isFollowing }: Active,
): void {
  const seen = useRef<Pick<Active, 'active' | 'expanded'>>({ active: undefined, expanded })
  useLayoutEffect(() => {
    const isSame = seen.current.active === active && seen.current.expanded === expanded
    seen.current = { active, expanded }
    const element = scroller.current
    if (isSame || element === null || active === undefined || isFollowing) return
    const index = active - firstNumber
    const [top, bottom] = [layout.topOf(index), layout.topOf(index + 1)]
    const { scrollTop, clientHeight } = element
    if (top < scrollTop) element.scrollTop = Math.max(0, top - rowHeight)
    else if (bottom > scrollTop + clientHeight)
      element.scrollTop = Math.min(top - rowHeight, bottom - clientHeight + rowHeight)
    else return
    ownTop.current = element.scrollTop
  })
}
