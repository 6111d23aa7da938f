import type { ReactNode, RefObject } from 'react'
import type { ExportFormat } from './export-lines.ts'
import type { LineLayout } from './log-view.ts'

const layouts: readonly (readonly [LineLayout, string])[] = [
  ['columns', 'Columns'],
  ['structured', 'Structured'],
  ['raw', 'Raw'],
]

export interface ViewBarProps {
  readonly layout: LineLayout
  readonly search: string
  readonly searchInput: RefObject<HTMLInputElement | null>
  /** Which match the active line is, from 1; 0: none. */
  readonly matchIndex: number
  readonly matches: number
  readonly isFollowing: boolean
  readonly onLayout: (layout: LineLayout) => void
  readonly onSearch: (text: string) => void
  readonly onMatch: (direction: 1 | -1) => void
  readonly onFollow: (isFollowing: boolean) => void
  readonly onHelp: () => void
  readonly onClear: () => void
  readonly onLink: (() => void) | undefined
  readonly onExport: ((format: ExportFormat) => void) | undefined
}

/** What is done with the lines that are there. */
export function ViewBar(props: ViewBarProps): ReactNode {
  const { layout, isFollowing, onLayout, onFollow, onHelp, onClear, onLink, onExport } = props
  return (
    <div className="mr-view-bar" role="toolbar" aria-label="view">
      <button type="button" className="mr-pause" aria-pressed={!isFollowing} onClick={() => onFollow(!isFollowing)}>
        {isFollowing ? 'Pause' : 'Resume'}
      </button>
      <div className="mr-layouts" role="group" aria-label="layout of lines">
        {layouts.map(([name, text]) => (
          <button key={name} type="button" aria-pressed={layout === name} onClick={() => onLayout(name)}>
            {text}
          </button>
        ))}
      </div>
      <SearchBox {...props} />
      <span className="mr-space" />
      {onExport !== undefined && (
        <>
          <button type="button" onClick={() => onExport('ndjson')}>
            Save NDJSON
          </button>
          <button type="button" onClick={() => onExport('csv')}>
            Save CSV
          </button>
        </>
      )}
      {onLink !== undefined && (
        <button type="button" onClick={onLink}>
          Copy link
        </button>
      )}
      <button type="button" onClick={onClear}>
        Clear lines
      </button>
      <button type="button" aria-label="keys" title="keys (?)" onClick={onHelp}>
        ?
      </button>
    </div>
  )
}

function SearchBox({ search, searchInput, matchIndex, matches, onSearch, onMatch }: ViewBarProps): ReactNode {
  const found = matches === 0 ? 'no match' : `${matchIndex === 0 ? '–' : matchIndex} of ${matches}`
  return (
    <div className="mr-search" role="search">
      <input
        ref={searchInput}
        type="search"
        aria-label="search in these lines"
        placeholder="Search in these lines ( / )"
        value={search}
        onChange={({ target }) => onSearch(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onMatch(event.shiftKey ? -1 : 1)
        }}
      />
      {search !== '' && (
        <>
          <span className="mr-found">{found}</span>
          <button type="button" aria-label="previous match" onClick={() => onMatch(-1)}>
            ↑
          </button>
          <button type="button" aria-label="next match" onClick={() => onMatch(1)}>
            ↓
          </button>
        </>
      )}
    </div>
  )
}
