import { type ReactNode, useState } from 'react'
import type { ApplicationFigures } from '../fleet/application-figures.ts'
import type { Edge } from '../fleet/edges.ts'
import { countText, rateText, restoreText } from '../fleet/figures-text.ts'

export interface FigureTablesProps {
  readonly figures: ApplicationFigures
  readonly edges: readonly Edge[]
  readonly selected: string | undefined
  readonly onSelect: (edge: Edge) => void
}

const titles = ['Edges', 'Tasks', 'Stores', 'Processes'] as const

/** What the picture shows, in words, and what runs where: one table at a time. */
export function FigureTables(props: FigureTablesProps): ReactNode {
  const [title, setTitle] = useState<(typeof titles)[number]>('Edges')
  const { figures, edges } = props
  const sizes = [edges.length, figures.tasks.length, figures.stores.length, figures.workers.length]
  return (
    <>
      <div className="mr-layouts" role="group" aria-label="tables">
        {titles.map((one, index) => (
          <button key={one} type="button" aria-pressed={one === title} onClick={() => setTitle(one)}>
            {one} {sizes[index]}
          </button>
        ))}
      </div>
      {title === 'Edges' && <EdgeTable {...props} />}
      {title === 'Tasks' && <TaskTable {...props} />}
      {title === 'Stores' && <StoreTable {...props} />}
      {title === 'Processes' && <ProcessTable {...props} />}
    </>
  )
}

function EdgeTable({ edges, selected, onSelect }: FigureTablesProps): ReactNode {
  return (
    <Table title="Edges" columns={['from', 'to', 'records', 'lag', 'tap']}>
      {edges.map((edge) => (
        <tr key={edge.key} className={edge.key === selected ? 'mr-selected' : undefined}>
          <th scope="row">{edge.from.text}</th>
          <td>{edge.to.text}</td>
          <td className="mr-number">{rateText(edge.perSecond)}</td>
          <td className="mr-number">{countText(edge.lagRecords)}</td>
          <td>
            {edge.tap !== undefined && (
              <button
                type="button"
                aria-label={`tap ${edge.from.text} to ${edge.to.text}`}
                onClick={() => onSelect(edge)}
              >
                Tap
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  )
}

function TaskTable({ figures: { tasks } }: FigureTablesProps): ReactNode {
  return (
    <Table title="Tasks" columns={['task', 'process', 'thread', 'state', 'records', 'lag']}>
      {tasks.map(({ worker, task, perSecond, lagRecords }) => (
        <tr key={`${worker} ${task.taskId}`}>
          <th scope="row">{task.taskId}</th>
          <td>{worker}</td>
          <td>{task.thread}</td>
          <td>{[task.state, task.trouble?.code, ...troubleOfSinks(task.sinks)].filter(Boolean).join(', ')}</td>
          <td className="mr-number">{rateText(perSecond)}</td>
          <td className="mr-number">{countText(lagRecords)}</td>
        </tr>
      ))}
    </Table>
  )
}

function StoreTable({ figures: { stores } }: FigureTablesProps): ReactNode {
  return (
    <Table title="Stores" columns={['store', 'rows', 'restore']}>
      {stores.map((store) => (
        <tr key={store.store}>
          <th scope="row">{store.store}</th>
          <td className="mr-number">{countText(store.rows)}</td>
          <td>
            {store.remaining > 0 && (
              <progress
                aria-label={`restore of ${store.store}`}
                max={store.restored + store.remaining}
                value={store.restored}
              />
            )}{' '}
            {restoreText(store)}
          </td>
        </tr>
      ))}
    </Table>
  )
}

function ProcessTable({ figures: { workers } }: FigureTablesProps): ReactNode {
  return (
    <Table title="Processes" columns={['process', 'state', 'threads', 'tasks', 'dead letters']}>
      {workers.map(({ worker, status }) => (
        <tr key={worker}>
          <th scope="row">{worker}</th>
          <td>{status?.isPaused === true ? 'paused' : (status?.failure ?? status?.state)}</td>
          <td>{status?.threads.map(({ name, phase }) => `${name}: ${phase}`).join(', ')}</td>
          <td className="mr-number">{status?.tasks.length}</td>
          <td className="mr-number">{countText(status?.totals.deadLetters)}</td>
        </tr>
      ))}
    </Table>
  )
}

function troubleOfSinks(sinks: ApplicationFigures['tasks'][number]['task']['sinks']): readonly string[] {
  return sinks.filter(({ state }) => state !== 'open').map(({ sink, state }) => `${sink} is ${state}`)
}

interface TableProps {
  readonly title: string
  readonly columns: readonly string[]
  readonly children: readonly ReactNode[]
}

function Table({ title, columns, children }: TableProps): ReactNode {
  return (
    <table className="mr-table" aria-label={title}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
