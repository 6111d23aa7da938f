import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { applicationsOf, figuresOf } from './fleet/application-figures.ts'
import { type Edge, edgesOf } from './fleet/edges.ts'
import { FleetClient, type FleetRefusal } from './fleet/fleet-client.ts'
import { countText } from './fleet/figures-text.ts'
import type { FleetReport } from './fleet/fleet-report.ts'
import type { RefusedState } from './stream/connection-state.ts'
import { FigureTables } from './streams/figure-tables.tsx'
import { TapPanel } from './streams/tap-panel.tsx'
import { TopologyPicture } from './streams/topology-picture.tsx'
import { useFleet } from './streams/use-fleet.ts'
import { useTopology } from './streams/use-topology.ts'

/** What a `StreamsView` shows, and from where. */
export interface StreamsViewProps {
  /** The address of the pages about workers of a live tail, such as `/streams/`, absolute or relative to the page. */
  readonly endpoint: string
  /** The application that is shown first. Default: the first by name. */
  readonly application?: string | undefined
  /** How often workers are asked while the page can be seen, in milliseconds. Default 2000. */
  readonly refreshIntervalMs?: number | undefined
  /** Sent as `Authorization: Bearer`. Default: none. */
  readonly token?: string | undefined
  /** Called when another application is chosen. */
  readonly onApplicationChange?: ((application: string) => void) | undefined
  /** Called when the server refuses: 401 asks for a token, 403 for another role. */
  readonly onRefused?: ((refused: RefusedState) => void) | undefined
}

/**
 * What runs: the topology of an application as a picture with live rates, its tasks, stores and processes, and taps of its
 * topics. It needs `@millrace/react/styles.css` and fills the height of what it is in.
 */
export function StreamsView(props: StreamsViewProps): ReactNode {
  const { endpoint, token, refreshIntervalMs = 2000, onRefused, onApplicationChange } = props
  const client = useMemo(() => new FleetClient({ endpoint, token }), [endpoint, token])
  const refused = useCallback(
    ({ status, message }: FleetRefusal) => onRefused?.({ kind: 'refused', status, reason: message }),
    [onRefused],
  )
  const { now, before, fault } = useFleet(client, refreshIntervalMs, refused)
  const [chosen, setChosen] = useState(props.application)
  const applications = now === undefined ? [] : applicationsOf(now)
  const shown = applications.find((one) => one === chosen) ?? applications[0]
  return (
    <section className="mr-viewer mr-streams" aria-label="streams">
      <div className="mr-view-bar">
        <div className="mr-layouts" role="group" aria-label="applications">
          {applications.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === shown}
              onClick={() => {
                setChosen(one)
                onApplicationChange?.(one)
              }}
            >
              {one}
            </button>
          ))}
        </div>
        <span role="status">{fault ?? stateText(now)}</span>
      </div>
      {now !== undefined && shown !== undefined && (
        <ApplicationView key={shown} id={shown} client={client} now={now} before={before} />
      )}
    </section>
  )
}

interface ApplicationViewProps {
  readonly id: string
  readonly client: FleetClient
  readonly now: FleetReport
  readonly before: FleetReport | undefined
}

function ApplicationView({ id, client, now, before }: ApplicationViewProps): ReactNode {
  const figures = useMemo(() => figuresOf(id, now, before), [id, now, before])
  const graph = useTopology(
    client,
    figures.workers.map(({ worker }) => worker),
  )
  const [selected, setSelected] = useState<string>()
  const edges = useMemo(() => (graph === undefined ? [] : edgesOf(graph, figures)), [graph, figures])
  const edge = edges.find(({ key }) => key === selected)
  const worker = figures.workers[0]?.worker
  const select = (one: Edge): void => setSelected(one.key)
  const shared = { figures, edges, selected, onSelect: select }
  return (
    <div className="mr-streams-parts">
      {graph !== undefined && <TopologyPicture graph={graph} {...shared} />}
      {edge !== undefined && worker !== undefined && (
        <TapPanel
          key={edge.key}
          client={client}
          worker={worker}
          edge={edge}
          needsReason={now.tapNeedsReason}
          onClose={() => setSelected(undefined)}
        />
      )}
      <div className="mr-tables" role="region" aria-label="figures" tabIndex={0}>
        <FigureTables {...shared} />
      </div>
    </div>
  )
}

function stateText(now: FleetReport | undefined): string {
  if (now === undefined) return 'Asking the workers'
  const { workers, faults, leftOut } = now
  const silent = workers.flatMap(({ worker, reason }) => (reason === undefined ? [] : `${worker}: ${reason}`))
  const names = faults.map(({ name, reason }) => `${name}: ${reason}`)
  const left = leftOut === 0 ? [] : [`${countText(leftOut)} workers are not asked`]
  return [answerText(workers.length - silent.length), ...silent, ...names, ...left].join(', ')
}

function answerText(count: number): string {
  return count === 1 ? '1 process answers' : `${countText(count)} processes answer`
}
