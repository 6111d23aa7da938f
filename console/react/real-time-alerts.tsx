import { type ReactNode, useEffect, useState } from 'react'
import type { RefusedState } from './stream/connection-state.ts'
import type { LogView } from './view/log-view.ts'
import { AlertBar } from './alerts/alert-bar.tsx'
import type { AlertAction, AlertDesk } from './alerts/alert-desk.ts'
import { AlertFooter } from './alerts/alert-footer.tsx'
import { type AlertCommand, alertCommandOf, moveFocus } from './alerts/alert-keys.ts'
import { AlertList } from './alerts/alert-list.tsx'
import { alertSections, type Grouping } from './alerts/alert-sections.ts'
import { type Alert, type AlertGroup, severities, type Severity } from './alerts/alert-snapshot.ts'
import { notifyInBrowser } from './alerts/browser-notices.tsx'
import { SilenceDialog } from './alerts/silence-dialog.tsx'
import { useAlertDesk } from './alerts/use-alert-desk.ts'
import { useNews } from './alerts/use-news.ts'

/** What a `RealTimeAlerts` shows, and from where. */
export interface RealTimeAlertsProps {
  /** The address of `GET /alerts` of a live tail, absolute or relative to the page. Its parameters are sent with each request. */
  readonly endpoint: string
  /** Sent as `Authorization: Bearer`. Default: none. */
  readonly token?: string | undefined
  /** Severities that are shown at the beginning; somebody may choose others. Default: all. */
  readonly severityFilter?: readonly Severity[] | undefined
  /**
   * `browser` offers notices of the browser while the page is open. Any other name, such as `email` and `slack`, is a
   * service of the notifiers of the alerts worker: only receivers of these services are listed. Default: `browser`, and all
   * receivers.
   */
  readonly notificationChannels?: readonly string[] | undefined
  /** Acknowledges each group that is shown, and that has come while the page is open and visible. Default false. */
  readonly autoAcknowledge?: boolean | undefined
  /** The address of a view of a `LogStreamViewer`. Default: none, and the view offers no links to logs. */
  readonly linkToLogs?: ((view: LogView) => string) | undefined
  /** Called when the server refuses the stream for good: 401 asks for a token. */
  readonly onRefused?: ((refused: RefusedState) => void) | undefined
}

/**
 * The alerts that fire, grouped as their notices are, and what people do about them. All of its state is that of the alerts
 * worker. It needs `@millrace/react/styles.css` and fills the height of what it is in.
 */
export function RealTimeAlerts(props: RealTimeAlertsProps): ReactNode {
  const { endpoint, token, onRefused } = props
  const desk = useAlertDesk(endpoint, token)
  const state = desk?.state
  useEffect(() => {
    if (state?.kind === 'refused') onRefused?.(state)
  }, [state, onRefused])
  return desk === undefined ? undefined : <AlertView {...props} desk={desk} />
}

function AlertView(props: RealTimeAlertsProps & { readonly desk: AlertDesk }): ReactNode {
  const { desk, severityFilter = severities, notificationChannels, autoAcknowledge = false, linkToLogs } = props
  const [wanted, setWanted] = useState<readonly Severity[]>(severityFilter)
  const [grouping, setGrouping] = useState<Grouping>('severity')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [silenced, setSilenced] = useState<Alert>()
  const [fault, setFault] = useState<string>()
  const { snapshot } = desk
  const mayAct = snapshot?.mayAct === true
  const hasBrowser = notificationChannels?.includes('browser') ?? true
  const sections = alertSections(snapshot?.groups ?? [], wanted, grouping)
  const act = (action: AlertAction): void => void desk.act(action).then(setFault)
  const toggle = (id: string): void =>
    setOpen((before) => new Set([...before].filter((one) => one !== id).concat(before.has(id) ? [] : id)))
  useNews(snapshot?.groups, (group) => {
    if (!wanted.includes(group.severity)) return
    if (hasBrowser) notifyInBrowser(group)
    if (autoAcknowledge && mayAct && document.visibilityState === 'visible') act({ verb: 'acknowledge', id: group.id })
  })
  const run = (command: AlertCommand, group: AlertGroup): void => {
    if (command === 'open') toggle(group.id)
    else if (mayAct && command === 'acknowledge') act({ verb: 'acknowledge', id: group.id })
    else if (mayAct) setSilenced(group.alerts[0])
  }
  return (
    <section
      className="mr-viewer mr-alerts"
      aria-label="alerts"
      onKeyDown={(event) => {
        const { command, groupId } = alertCommandOf(event)
        const group = snapshot?.groups.find(({ id }) => id === groupId)
        if (command === 'next' || command === 'previous') moveFocus(event.currentTarget, command)
        else if (command === undefined || group === undefined) return
        else run(command, group)
        event.preventDefault()
      }}
    >
      <AlertBar
        wanted={wanted}
        grouping={grouping}
        hasBrowser={hasBrowser}
        onWanted={setWanted}
        onGrouping={setGrouping}
      />
      {fault !== undefined && <Fault text={fault} onClose={() => setFault(undefined)} />}
      <AlertList
        sections={sections}
        snapshot={snapshot}
        nowMs={desk.nowMs}
        open={open}
        channels={notificationChannels}
        onToggle={toggle}
        onAct={mayAct ? act : undefined}
        onSilence={setSilenced}
        linkToLogs={linkToLogs}
      />
      <AlertFooter desk={desk} shown={sections.reduce((sum, { groups }) => sum + groups.length, 0)} />
      {silenced !== undefined && (
        <SilenceDialog
          alert={silenced}
          onSilence={(action) => desk.act(action)}
          onClose={() => setSilenced(undefined)}
        />
      )}
    </section>
  )
}

function Fault({ text, onClose }: { readonly text: string; readonly onClose: () => void }): ReactNode {
  return (
    <p className="mr-fault" role="alert">
      Not done: {text}{' '}
      <button type="button" onClick={onClose}>
        Close
      </button>
    </p>
  )
}
