import type { ReactNode } from 'react'
import { type LogLine, textOf } from '../stream/log-line.ts'
import { copyText } from './copy-text.ts'
import { Highlighted } from './highlighted.tsx'
import type { LogFilters } from './log-view.ts'
import { isoTime } from './time-text.ts'

const textHeight = 18
const aroundHeight = 52
const textLinesMax = 24

const filterOfField = {
  service: 'services',
  component: 'components',
  correlationId: 'correlationIds',
  sessionId: 'sessions',
  userId: 'users',
} as const

/** How high the details of a line are, in pixels: known before they are drawn. */
export function detailsHeight(row: LogLine): number {
  const lines = prettyJson(row).split('\n').length
  return Math.min(lines, textLinesMax) * textHeight + aroundHeight
}

export interface LineDetailsProps {
  readonly row: LogLine
  readonly needle: string
  readonly height: number
  /** Undefined: no links are made. */
  readonly onLink: ((row: LogLine) => void) | undefined
  readonly onAround: (row: LogLine) => void
  readonly onOnly: (filters: LogFilters) => void
}

/** The whole log as JSON, and what one can do with it. */
export function LineDetails({ row, needle, height, onLink, onAround, onOnly }: LineDetailsProps): ReactNode {
  const { topic, partition, offset, timeMs } = row.line
  const json = prettyJson(row)
  const label = `the log of offset ${offset} as JSON`
  return (
    <div role="row" aria-level={2} className="mr-details" style={{ height }}>
      <div role="gridcell" aria-colspan={4}>
        <div className="mr-actions">
          <span className="mr-place">
            {isoTime(timeMs)} · {topic} · partition {partition} · offset {offset}
          </span>
          <button type="button" onClick={() => onAround(row)}>
            Lines around
          </button>
          <button type="button" onClick={() => void copyText(json)}>
            Copy JSON
          </button>
          {onLink !== undefined && (
            <button type="button" onClick={() => onLink(row)}>
              Copy link
            </button>
          )}
          {Object.entries(filterOfField).map(([field, name]) => {
            const value = textOf(row.line.log[field])
            if (value === '') return undefined
            return (
              <button key={field} type="button" onClick={() => onOnly({ [name]: [value] })}>
                Only {field} <b>{value}</b>
              </button>
            )
          })}
        </div>
        {/* Keys scroll it: it has to take the focus. */}
        <pre tabIndex={0} aria-label={label} role="region">
          <Highlighted text={json} needle={needle} />
        </pre>
      </div>
    </div>
  )
}

function prettyJson(row: LogLine): string {
  return JSON.stringify(row.line.log, undefined, 2)
}
