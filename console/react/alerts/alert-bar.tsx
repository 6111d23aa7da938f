import type { ReactNode } from 'react'
import type { Grouping } from './alert-sections.ts'
import { severities, type Severity } from './alert-snapshot.ts'
import { BrowserNoticesButton } from './browser-notices.tsx'

export interface AlertBarProps {
  readonly wanted: readonly Severity[]
  readonly grouping: Grouping
  readonly hasBrowser: boolean
  readonly onWanted: (wanted: readonly Severity[]) => void
  readonly onGrouping: (grouping: Grouping) => void
}

/** Which alerts are shown, and under which headings. */
export function AlertBar({ wanted, grouping, hasBrowser, onWanted, onGrouping }: AlertBarProps): ReactNode {
  return (
    <div className="mr-view-bar" role="toolbar" aria-label="view">
      <div className="mr-levels" role="group" aria-label="severities">
        {severities.map((severity) => (
          <button
            key={severity}
            type="button"
            aria-pressed={wanted.includes(severity)}
            onClick={() => onWanted(severities.filter((one) => wanted.includes(one) !== (one === severity)))}
          >
            {severity}
          </button>
        ))}
      </div>
      <div className="mr-layouts" role="group" aria-label="grouped by">
        {(['severity', 'rule'] as const).map((name) => (
          <button key={name} type="button" aria-pressed={grouping === name} onClick={() => onGrouping(name)}>
            By {name}
          </button>
        ))}
      </div>
      <span className="mr-space" />
      {hasBrowser && <BrowserNoticesButton />}
      <span className="mr-note">Keys: j, k, Enter, a acknowledge, s silence</span>
    </div>
  )
}
