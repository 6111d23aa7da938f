import type { ReactNode } from 'react'
import type { LogView } from '../view/log-view.ts'
import type { AlertAction } from './alert-desk.ts'
import { logsOf } from './alert-logs.ts'
import { ageOf, rulesOf } from './alert-sections.ts'
import { type Alert, type AlertGroup, alertRequests, type AlertSnapshot, type Receiver } from './alert-snapshot.ts'

const alertsAtFirst = 5
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })

export interface AlertCardProps {
  readonly group: AlertGroup
  readonly nowMs: number
  readonly isOpen: boolean
  /** Those that are shown. */
  readonly receivers: readonly Receiver[]
  /** Receivers of what can be asked for. */
  readonly requests: AlertSnapshot['requests']
  readonly onToggle: () => void
  /** Undefined: somebody who only looks. */
  readonly onAct: ((action: AlertAction) => void) | undefined
  readonly onSilence: (alert: Alert) => void
  /** The address of a view of logs. Undefined: there are no links. */
  readonly linkToLogs: ((view: LogView) => string) | undefined
}

/** A group of alerts with common notices. */
export function AlertCard(props: AlertCardProps): ReactNode {
  const { group, nowMs, isOpen, onToggle, onAct, onSilence } = props
  const { id, severity, startMs, acknowledgement, alerts, alertCount, route } = group
  const [first] = alerts
  if (first === undefined) return undefined
  return (
    // A card has the focus, so that keys act on it.
    <li
      className={`mr-card mr-severity-${severity}`}
      tabIndex={0}
      data-group={id}
      aria-label={`${severity}: ${first.summary}`}
    >
      <div className="mr-card-head">
        <span className="mr-badge">{severity}</span>
        <span className="mr-summary">{first.summary}</span>
        <span className="mr-note">
          {rulesOf(group)}, {alertCount === 1 ? '1 alert' : `${number.format(alertCount)} alerts`}, for{' '}
          {ageOf(startMs, nowMs)}
        </span>
      </div>
      <div className="mr-card-foot">
        <Care group={group} nowMs={nowMs} />
        <Receivers {...props} />
        <span className="mr-space" />
        {onAct !== undefined && acknowledgement === null && (
          <button type="button" onClick={() => onAct({ verb: 'acknowledge', id })}>
            Acknowledge
          </button>
        )}
        <Requests {...props} />
        {onAct !== undefined && (
          <button type="button" onClick={() => onSilence(first)}>
            Silence
          </button>
        )}
        <button type="button" aria-expanded={isOpen} onClick={onToggle}>
          Details
        </button>
      </div>
      {isOpen && (
        <div className="mr-card-body">
          <p className="mr-note">
            Route {route}, step {group.escalationStep + 1} of the escalation
          </p>
          <ul>
            {alerts.map((alert) => (
              <AlertEntry key={alert.id} alert={alert} {...props} />
            ))}
          </ul>
          {alertCount > alerts.length && (
            <p className="mr-note">and {number.format(alertCount - alerts.length)} more</p>
          )}
        </div>
      )}
      {!isOpen && alerts.length > 1 && (
        <p className="mr-note mr-more">
          {alerts
            .slice(1, alertsAtFirst)
            .map(({ summary }) => summary)
            .join('; ')}
        </p>
      )}
    </li>
  )
}

/** What people have done about it. */
function Care({ group, nowMs }: Pick<AlertCardProps, 'group' | 'nowMs'>): ReactNode {
  const { acknowledgement, alerts } = group
  return (
    <>
      <span className={acknowledgement === null ? 'mr-open' : 'mr-note'}>
        {acknowledgement === null
          ? 'Nobody takes care'
          : `${acknowledgement.author} takes care, for ${ageOf(acknowledgement.timeMs, nowMs)}`}
      </span>
      {alertRequests.map((request) => {
        const asked = group.asked[request]
        return (
          asked !== undefined && (
            <span key={request} className="mr-note">
              {requestTexts[request].done} by {asked.by}, {ageOf(asked.timeMs, nowMs)} ago
            </span>
          )
        )
      })}
      {alerts.every(({ silence }) => silence !== null) && <span className="mr-note">silenced</span>}
    </>
  )
}

const requestTexts = {
  escalate: { button: 'Escalate', done: 'escalated' },
  incident: { button: 'Create an incident', done: 'incident asked for' },
} as const

/** What can be asked for, and was not yet. Who is notified is in the title. */
function Requests({ group, requests, onAct }: AlertCardProps): ReactNode {
  if (onAct === undefined) return undefined
  return alertRequests.map((request) => {
    const receivers = requests[request] ?? []
    if (receivers.length === 0 || group.asked[request] !== undefined) return undefined
    return (
      <button
        key={request}
        type="button"
        title={`notifies ${receivers.join(', ')}`}
        onClick={() => onAct({ verb: request, id: group.id })}
      >
        {requestTexts[request].button}
      </button>
    )
  })
}

/** What its notifiers have sent; a notice that is not sent is not shown as one. */
function Receivers({ receivers, nowMs }: AlertCardProps): ReactNode {
  return receivers.map(({ name, channel, notices, newsMs }) => (
    <span key={name} className="mr-note">
      {channel === null || channel === name ? name : `${channel} ${name}`}:{' '}
      {newsMs === null
        ? 'nothing yet'
        : `${notices === 1 ? '1 notice' : `${notices} notices`}, ${ageOf(newsMs, nowMs)} ago`}
    </span>
  ))
}

function AlertEntry({
  alert,
  nowMs,
  onAct,
  onSilence,
  linkToLogs,
}: AlertCardProps & { readonly alert: Alert }): ReactNode {
  const { rule, status, severity, group, summary, value, threshold, baseline, startMs, eventCount } = alert
  const { links, examples, isFlapping, silence } = alert
  const fields = Object.entries(group).map(([name, text]) => `${name}=${text}`)
  return (
    <li className="mr-alert">
      <div>
        <span className="mr-summary">{summary}</span>
        <span className="mr-note">
          {severity}, {status}, for {ageOf(startMs, nowMs)}
          {silence === null ? '' : ', silenced'}
          {isFlapping ? ', comes and goes' : ''}
        </span>
      </div>
      <div className="mr-facts">{[rule, ...fields].join(' ')}</div>
      <div className="mr-note">
        value {number.format(value)}, threshold {number.format(threshold)}
        {baseline === null ? '' : `, usual ${number.format(baseline)}`},{' '}
        {eventCount === 1 ? '1 log' : `${number.format(eventCount)} logs`}
      </div>
      {examples.length > 0 && <pre>{examples.join('\n')}</pre>}
      <div className="mr-links">
        {linkToLogs !== undefined && <a href={linkToLogs(logsOf(alert))}>Logs around it</a>}
        {Object.entries(links)
          .filter(([, address]) => /^https?:\/\//.test(address))
          .map(([name, address]) => (
            <a key={name} href={address} target="_blank" rel="noreferrer">
              {name}
            </a>
          ))}
        {onAct !== undefined && silence === null && (
          <button type="button" onClick={() => onSilence(alert)}>
            Silence
          </button>
        )}
      </div>
    </li>
  )
}
