import type { ReactNode } from 'react'
import { AlertCard, type AlertCardProps } from './alert-card.tsx'
import type { AlertSection } from './alert-sections.ts'
import type { AlertGroup, AlertSnapshot, Receiver } from './alert-snapshot.ts'
import { SilenceList } from './silence-list.tsx'

export interface AlertListProps extends Pick<AlertCardProps, 'nowMs' | 'onAct' | 'onSilence' | 'linkToLogs'> {
  readonly sections: readonly AlertSection[]
  readonly snapshot: AlertSnapshot | undefined
  /** Groups with their details. */
  readonly open: ReadonlySet<string>
  /** Services whose receivers are listed; undefined: all. */
  readonly channels: readonly string[] | undefined
  readonly onToggle: (id: string) => void
}

/** The groups under their headings, and the silences. */
export function AlertList({ sections, snapshot, open, channels, onToggle, ...card }: AlertListProps): ReactNode {
  return (
    <div className="mr-alert-list">
      {sections.map(({ title, groups }) => (
        <section key={title} aria-label={title}>
          <h2 className="mr-heading">
            {title} <span>{groups.length}</span>
          </h2>
          <ul>
            {groups.map((group) => (
              <AlertCard
                {...card}
                key={group.id}
                group={group}
                isOpen={open.has(group.id)}
                receivers={receiversOf(group, channels)}
                requests={snapshot?.requests ?? {}}
                onToggle={() => onToggle(group.id)}
              />
            ))}
          </ul>
        </section>
      ))}
      {snapshot !== undefined && sections.length === 0 && <p className="mr-nothing">{nothingText(snapshot)}</p>}
      {snapshot !== undefined && snapshot.silences.length > 0 && (
        <SilenceList silences={snapshot.silences} nowMs={card.nowMs} onAct={card.onAct} />
      )}
    </div>
  )
}

function nothingText({ isComplete, groups }: AlertSnapshot): string {
  if (!isComplete) return 'The alerts are being read. If this stays, no worker of the alerts has stored any yet.'
  return groups.length === 0 ? 'Nothing fires.' : 'Nothing fires with the severities that are chosen.'
}

function receiversOf({ receivers }: AlertGroup, channels: readonly string[] | undefined): readonly Receiver[] {
  if (channels === undefined) return receivers
  return receivers.filter(({ channel }) => channel !== null && channels.includes(channel))
}
