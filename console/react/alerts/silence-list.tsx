import type { ReactNode } from 'react'
import { ageOf } from './alert-sections.ts'
import type { AlertAction } from './alert-desk.ts'
import type { Silence } from './alert-snapshot.ts'

export interface SilenceListProps {
  readonly silences: readonly Silence[]
  readonly nowMs: number
  /** Undefined: somebody who only looks. */
  readonly onAct: ((action: AlertAction) => void) | undefined
}

/** The silences that hold, the one that ends first at the beginning. */
export function SilenceList({ silences, nowMs, onAct }: SilenceListProps): ReactNode {
  return (
    <section aria-label="silences">
      <h3 className="mr-heading">
        Silences <span>{silences.length}</span>
      </h3>
      <ul className="mr-silences">
        {silences.map(({ id, match, author, reason, endMs }) => (
          <li key={id}>
            <span className="mr-facts">{matchText(match)}</span>
            <span>{reason}</span>
            <span className="mr-note">
              by {author}, ends in {ageOf(nowMs, endMs)}
            </span>
            {onAct !== undefined && (
              <button
                type="button"
                aria-label={`end the silence of ${matchText(match)}`}
                onClick={() => onAct({ verb: 'unsilence', id })}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function matchText(match: Silence['match']): string {
  return Object.entries(match)
    .flatMap(([name, texts]) => [texts].flat().map((text) => `${name}=${text}`))
    .join(' ')
}
