import type { ReactNode } from 'react'
import { stateInWords } from '../stream/connection-state.ts'
import type { AlertDesk } from './alert-desk.ts'

export interface AlertFooterProps {
  readonly desk: AlertDesk
  /** Groups that are listed. */
  readonly shown: number
}

/** The connection in words, and what is not shown and why. */
export function AlertFooter({ desk: { state, snapshot }, shown }: AlertFooterProps): ReactNode {
  const groups = snapshot?.groups ?? []
  const alerts = groups.reduce((sum, { alertCount }) => sum + alertCount, 0)
  const open = groups.filter(({ acknowledgement }) => acknowledgement === null).length
  const leftOut = snapshot?.groupsLeftOut ?? 0
  return (
    <footer className="mr-status">
      <span className={`mr-dot mr-state-${state.kind}`} aria-hidden="true" />
      <span role="status">{stateInWords(state)}</span>
      <span>
        {alerts === 1 ? '1 alert' : `${alerts} alerts`} in {groups.length === 1 ? '1 group' : `${groups.length} groups`}
        , {open} not acknowledged
      </span>
      <span className="mr-space" />
      {snapshot?.isComplete === false && <span className="mr-loss">Not all was read yet</span>}
      {snapshot?.mayAct === false && <span>Your role shows alerts, and does not act on them</span>}
      {groups.length > shown && <span>{groups.length - shown} groups not shown by their severity</span>}
      {leftOut > 0 && <span className="mr-loss">{leftOut} more groups than the server shows</span>}
    </footer>
  )
}
