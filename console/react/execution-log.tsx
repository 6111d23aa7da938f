import { Fragment, type ReactNode, useState } from 'react'
import { durationText, type ExecutionSummary, statuses } from './executions/execution.ts'
import { ExecutionDetails } from './executions/execution-details.tsx'
import { matching } from './executions/execution-list.ts'
import { Status } from './executions/status.tsx'
import { type ExecutionServer, useExecutions } from './executions/use-executions.ts'

/** Props of `ExecutionLog`. */
export interface ExecutionLogProps {
  /** The address of `GET /executions`. */
  readonly endpoint: string
  /** Sent as `Authorization: Bearer`. Default: none. */
  readonly token?: string | undefined
  /** Called when the server refuses: status 401 asks for a token. */
  readonly onRefused?: ((refused: { readonly status: number }) => void) | undefined
}

const columns = ['Execution', 'Scenario', 'Organization', 'Status', 'Started', 'Duration', 'Credits', 'Stages'] as const

/** Executions of Make.com scenarios as they change, with their stages. It fills the height of the element that it is in. */
export function ExecutionLog({ endpoint, token, onRefused }: ExecutionLogProps): ReactNode {
  const server = { endpoint, token, onRefused }
  const { known, isLoaded, fault } = useExecutions(server)
  const [status, setStatus] = useState('')
  const [text, setText] = useState('')
  const [open, setOpen] = useState<string>()
  const shown = matching(known.executions, status, text)
  return (
    <section className="mr-viewer mr-executions" aria-label="executions">
      <div className="mr-execution-filters">
        <label>
          Status{' '}
          <select value={status} onChange={({ target }) => setStatus(target.value)}>
            <option value="">all</option>
            {statuses.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          Search{' '}
          <input
            type="search"
            placeholder="scenario, execution, module"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <span role="status">{statusText({ shown: shown.length, isLoaded, fault, isPart: known.isPart })}</span>
      </div>
      {/* Keys scroll it: it has to take the focus. */}
      <div className="mr-execution-table" tabIndex={0} role="region" aria-label="list of executions">
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((execution) => (
              <ExecutionRow
                key={execution.key}
                execution={execution}
                server={server}
                isOpen={execution.key === open}
                onToggle={() => setOpen(execution.key === open ? undefined : execution.key)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface ExecutionRowProps {
  readonly execution: ExecutionSummary
  readonly server: ExecutionServer
  readonly isOpen: boolean
  readonly onToggle: () => void
}

function ExecutionRow({ execution, server, isOpen, onToggle }: ExecutionRowProps): ReactNode {
  const { executionId, scenarioId, organizationId, status, startTime, durationMs, performance, stages } = execution
  return (
    <Fragment>
      <tr>
        <td>
          <button type="button" aria-expanded={isOpen} onClick={onToggle}>
            {executionId}
          </button>
        </td>
        <td>{scenarioId}</td>
        <td>{organizationId ?? '–'}</td>
        <td>
          <Status status={status} />
        </td>
        <td>{new Date(startTime).toLocaleString()}</td>
        <td className="mr-number">{durationText(durationMs)}</td>
        <td className="mr-number">{performance.creditsConsumed ?? '–'}</td>
        <td>
          <span className="mr-stage-dots">
            {stages.map((stage) => (
              <i
                key={stage.stageId}
                className={`mr-status-${stage.status}`}
                title={`${stage.moduleName ?? stage.moduleId}: ${stage.status}`}
              />
            ))}
          </span>
          {execution.hasMoreStages && ' and more'}
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={columns.length}>
            <ExecutionDetails execution={execution} server={server} />
          </td>
        </tr>
      )}
    </Fragment>
  )
}

function statusText({
  shown,
  isLoaded,
  fault,
  isPart,
}: {
  readonly shown: number
  readonly isLoaded: boolean
  readonly fault: string | undefined
  readonly isPart: boolean
}): string {
  if (fault !== undefined) return `Not up to date: ${fault}`
  if (!isLoaded) return 'Loading'
  if (shown === 0) return 'No executions'
  return `${shown} ${shown === 1 ? 'execution' : 'executions'}${isPart ? ', older ones are not shown' : ''}`
}
