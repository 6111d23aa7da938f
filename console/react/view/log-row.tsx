import { memo, type ReactNode } from 'react'
import type { LogLine } from '../stream/log-line.ts'
import { Highlighted } from './highlighted.tsx'
import type { LineLayout } from './log-view.ts'
import { isoTime, timeOfDay } from './time-text.ts'

export interface LogRowProps {
  readonly id: string
  readonly row: LogLine
  readonly layout: LineLayout
  readonly needle: string
  readonly isActive: boolean
  readonly isExpanded: boolean
  readonly onPick: (number: number) => void
}

/** One line, always equally high. */
export const LogRow = memo(function LogRow(props: LogRowProps): ReactNode {
  const { id, row, layout, needle, isActive, isExpanded, onPick } = props
  return (
    <div
      id={id}
      role="row"
      aria-level={1}
      aria-rowindex={row.number + 2}
      aria-selected={isActive}
      aria-expanded={isExpanded}
      className={`mr-row mr-level-${row.level}`}
      onClick={() => onPick(row.number)}
    >
      <span role="gridcell" className="mr-time" title={isoTime(row.line.timeMs)}>
        {timeOfDay(row.line.timeMs)}
      </span>
      <span role="gridcell" className="mr-level">
        {row.level === 'none' ? '' : row.level}
      </span>
      <span role="gridcell" className="mr-origin" title={row.origin}>
        <Highlighted text={row.origin} needle={needle} />
      </span>
      <span role="gridcell" className="mr-message">
        {row.count > 1 && <span className="mr-count">×{row.count}</span>}
        <LineText row={row} layout={layout} needle={needle} />
      </span>
    </div>
  )
})

/** What a long line has beyond the width of any screen is in its details. */
const shownCharacters = 600

function LineText({ row, layout, needle }: Pick<LogRowProps, 'row' | 'layout' | 'needle'>): ReactNode {
  if (layout === 'raw') return <Highlighted text={row.json.slice(0, shownCharacters)} needle={needle} />
  const fields = row.otherFields.map(([name, value]) => (
    <span key={name} className="mr-field">
      <span className="mr-name">{name}=</span>
      <Highlighted text={value.slice(0, 120)} needle={needle} />
    </span>
  ))
  const message = <Highlighted text={row.message.slice(0, shownCharacters)} needle={needle} />
  return layout === 'structured' ? (
    <>
      <span className="mr-field">
        <span className="mr-name">message=</span>
        {message}
      </span>
      {fields}
    </>
  ) : (
    <>
      {message}
      <span className="mr-fields">{fields}</span>
    </>
  )
}
