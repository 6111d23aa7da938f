import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { RefusedState } from './stream/connection-state.ts'
import type { LogLine } from './stream/log-line.ts'
import type { LogSession } from './stream/log-session.ts'
import { copyText } from './view/copy-text.ts'
import { type ExportFormat, exportLines } from './view/export-lines.ts'
import { FilterBar } from './view/filter-bar.tsx'
import { HelpDialog } from './view/help-dialog.tsx'
import { LogList } from './view/log-list.tsx'
import { cleanFilters, type LogFilters, type LogView, streamParameters } from './view/log-view.ts'
import { NewLines } from './view/new-lines.tsx'
import { commandOf } from './view/shortcuts.ts'
import { StatusBar } from './view/status-bar.tsx'
import { useLines } from './view/use-lines.ts'
import { useLogSession } from './view/use-log-session.ts'
import { ViewBar } from './view/view-bar.tsx'

/** What a `LogStreamViewer` shows, and from where. */
export interface LogStreamViewerProps {
  /** The address of `GET /logs/stream` of a live tail, absolute or relative to the page. */
  readonly endpoint: string
  /** Which lines to show. Other filters than before replace those that somebody has set in the view. Default: all lines. */
  readonly filters?: LogFilters | undefined
  /** Whether the view begins at the newest line and follows. Default true. */
  readonly autoScroll?: boolean | undefined
  /** Lines that are kept; the oldest leave. Twice as many while somebody reads. Default 10,000. */
  readonly maxDisplayLines?: number | undefined
  /** Whether the lines that are there can be saved as NDJSON and CSV. Default false. */
  readonly exportEnabled?: boolean | undefined
  /** Sent as `Authorization: Bearer`. Default: none. */
  readonly token?: string | undefined
  /** Where and how the view begins, as `viewOfParameters` reads it from a link. Only the first one counts. */
  readonly start?: Omit<LogView, 'filters'> | undefined
  /** Called when filters, layout or search have changed. */
  readonly onViewChange?: ((view: LogView) => void) | undefined
  /** The address of a view. Default: none, and the view offers no links. */
  readonly linkTo?: ((view: LogView) => string) | undefined
  /** Called when the server refuses the stream for good: 401 asks for a token. */
  readonly onRefused?: ((refused: RefusedState) => void) | undefined
}

/** Half of the time that is shown around a line, in milliseconds. */
const aroundMs = 5000

/**
 * Lines of a live tail as they come: filtered by the server, searched here. It needs `@millrace/react/styles.css` and fills
 * the height of what it is in.
 */
export function LogStreamViewer(props: LogStreamViewerProps): ReactNode {
  const { endpoint, autoScroll = true, maxDisplayLines = 10_000, token, onRefused } = props
  const [view, change] = useView(props)
  const parameters = streamParameters(view.filters).toString()
  const session = useLogSession({
    url: parameters === '' ? endpoint : `${endpoint}?${parameters}`,
    token,
    linesMax: maxDisplayLines,
    isFollowing: autoScroll && view.line === undefined,
    place: view.place,
  })
  const state = session?.status.state
  useEffect(() => {
    if (state?.kind === 'refused') onRefused?.(state)
  }, [state, onRefused])
  if (session === undefined) return undefined
  return <Viewer {...props} session={session} view={view} change={change} />
}

interface ViewerProps extends LogStreamViewerProps {
  readonly session: LogSession
  readonly view: LogView
  readonly change: (view: LogView) => void
}

function Viewer({ session, view, change, exportEnabled = false, linkTo }: ViewerProps): ReactNode {
  const { layout = 'columns', search = '', filters } = view
  const lines = useLines(session, search, view.line)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const id = useId()
  const firstInput = useRef<HTMLInputElement>(null)
  const searchInput = useRef<HTMLInputElement>(null)
  const { state, isFollowing } = session.status
  const filter = (others: LogFilters): void => change({ layout, search, filters: cleanFilters(others) })
  const run = (event: KeyboardEvent): void => {
    const command = isWritten(event) ? undefined : commandOf(event)
    if (command === undefined) return
    if (command === 'search') searchInput.current?.focus()
    else if (command === 'filter') firstInput.current?.focus()
    else if (command === 'help') setHelpOpen(true)
    else if (!lines.run(command)) return
    event.preventDefault()
  }
  const link = linkTo === undefined ? undefined : (to: LogView) => void copyText(linkTo(to))
  return (
    <section className="mr-viewer" aria-label="log stream" onKeyDown={run}>
      <FilterBar
        filters={filters}
        onChange={filter}
        fault={state.kind === 'refused' && state.status === 400 ? state.reason : undefined}
        firstInput={firstInput}
      />
      <ViewBar
        layout={layout}
        search={search}
        searchInput={searchInput}
        matchIndex={lines.active === undefined ? 0 : lines.search.matches.indexOf(lines.active) + 1}
        matches={lines.search.matches.length}
        isFollowing={isFollowing}
        onLayout={(other) => change({ ...view, layout: other })}
        onSearch={(text) => change({ ...view, search: text })}
        onMatch={lines.match}
        onFollow={(follows) => session.follow(follows)}
        onHelp={() => setHelpOpen(true)}
        onClear={() => session.clear()}
        onLink={link && (() => link({ layout, search, filters }))}
        onExport={exportEnabled ? (format) => save(session, format) : undefined}
      />
      <LogList
        id={id}
        session={session}
        layout={layout}
        needle={lines.search.needle}
        active={lines.active}
        expanded={lines.expanded}
        onPick={lines.toggle}
        onOnly={(more) => filter({ ...filters, ...more })}
        onAround={(row) => change({ layout, search, ...around(row) })}
        onLink={link && ((row) => link({ ...view, line: row.line, place: row.placeBefore }))}
      />
      <NewLines session={session} />
      <StatusBar session={session} />
      {isHelpOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
    </section>
  )
}

/** The view that somebody has made of what was given. */
function useView({ filters = {}, start, onViewChange }: LogStreamViewerProps): [LogView, (view: LogView) => void] {
  const given = JSON.stringify(cleanFilters(filters))
  const [state, setState] = useState(() => ({ given, view: { ...start, filters: cleanFilters(filters) } as LogView }))
  if (state.given !== given) {
    const { layout, search } = state.view
    setState({ given, view: { layout, search, filters: cleanFilters(filters) } })
  }
  const change = (view: LogView): void => {
    setState({ given, view })
    onViewChange?.(view)
  }
  return [state.view, change]
}

/** Without a filter, but for a time: the line comes soon, whatever else there is. */
function around({ line, placeBefore }: LogLine): Pick<LogView, 'filters' | 'line' | 'place'> {
  const [since, until] = [line.timeMs - aroundMs, line.timeMs + aroundMs].map((ms) => new Date(ms).toISOString())
  return { filters: { since, until }, line, place: placeBefore }
}

/** Keys that belong to what somebody writes in or presses. */
function isWritten({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('input, textarea, select, dialog') !== null) return true
  return target.closest('button') !== null && (key === ' ' || key === 'Enter')
}

function save(session: LogSession, format: ExportFormat): void {
  const address = URL.createObjectURL(exportLines(session.store.rows, format))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = `logs-${new Date().toISOString().replaceAll(':', '')}.${format}`
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
