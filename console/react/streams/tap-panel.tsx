import { type ReactNode, useEffect, useState } from 'react'
import type { Edge } from '../fleet/edges.ts'
import type { FleetClient } from '../fleet/fleet-client.ts'

export interface TapPanelProps {
  readonly client: FleetClient
  readonly worker: string
  readonly edge: Edge
  readonly needsReason: boolean
  readonly onClose: () => void
}

const recordsShown = 100

/** The records of an edge as they pass. It begins when somebody asks for it: each tap is recorded by the server. */
export function TapPanel({ client, worker, edge, needsReason, onClose }: TapPanelProps): ReactNode {
  const [asked, setAsked] = useState<{ readonly text: string; readonly reason: string }>()
  const { records, state } = useTap(client, worker, edge.tap, asked)
  const title = `${edge.from.text} → ${edge.to.text}`
  return (
    <section className="mr-tap" aria-label={`tap of ${title}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          const textOf = (name: string): string => {
            const value = form.get(name)
            return typeof value === 'string' ? value.trim() : ''
          }
          setAsked(asked === undefined ? { text: textOf('text'), reason: textOf('reason') } : undefined)
        }}
      >
        <h2>{title}</h2>
        {edge.tap !== undefined && asked === undefined && (
          <>
            <input name="text" placeholder="only with this text" aria-label="text that records have" />
            {needsReason && (
              <input name="reason" required placeholder="reason, which is recorded" aria-label="reason" />
            )}
          </>
        )}
        {edge.tap !== undefined && <button type="submit">{asked === undefined ? 'Start tap' : 'Stop tap'}</button>}
        <button type="button" onClick={onClose}>
          Close
        </button>
        <span role="status">
          {edge.tap === undefined ? 'Records pass here inside of a task: tap a topic before or behind it.' : state}
        </span>
      </form>
      {records.length > 0 && (
        <ol tabIndex={0} aria-label="records">
          {records.map(({ number, text }) => (
            <li key={number}>{text}</li>
          ))}
        </ol>
      )}
    </section>
  )
}

interface TappedRecord {
  readonly number: number
  readonly text: string
}

function useTap(
  client: FleetClient,
  worker: string,
  name: string | undefined,
  asked: { readonly text: string; readonly reason: string } | undefined,
): { readonly records: readonly TappedRecord[]; readonly state: string } {
  const [records, setRecords] = useState<readonly TappedRecord[]>([])
  const [state, setState] = useState('')
  useEffect(() => {
    if (asked === undefined || name === undefined) return
    const ended = new AbortController()
    let number = 0
    setRecords([])
    setState('Waiting for records')
    client
      .tap(
        { worker, name, ...asked },
        (text) => {
          const record = { number: ++number, text }
          setRecords((last) => [record, ...last.slice(0, recordsShown - 1)])
          setState(`${number} records`)
        },
        ended.signal,
      )
      .then(
        (reason) => setState(reason ?? `The tap has ended after ${number} records`),
        (error: unknown) => {
          if (!ended.signal.aborted) setState(error instanceof Error ? error.message : String(error))
          else setState('Stopped')
        },
      )
    return () => ended.abort()
  }, [client, worker, name, asked])
  return { records, state }
}
