import { type CSSProperties, type ReactNode, useEffect, useState } from 'react'
import { durationText, type ExecutionData, type ExecutionSummary, placeOf } from './execution.ts'
import { Status } from './status.tsx'
import { askFor, type ExecutionServer } from './use-executions.ts'

interface ExecutionDetailsProps {
  readonly execution: ExecutionSummary
  readonly server: ExecutionServer
}

/** The stages of an execution with their times, and their data, which is asked for when it is shown. */
export function ExecutionDetails({ execution, server }: ExecutionDetailsProps): ReactNode {
  const { data, fault } = useData(execution, server)
  return (
    <div className="mr-execution-details">
      <table>
        <thead>
          <tr>
            <th scope="col">Module</th>
            <th scope="col">Status</th>
            <th scope="col">Duration</th>
            <th scope="col">When</th>
            <th scope="col">Data</th>
          </tr>
        </thead>
        <tbody>
          {execution.stages.map((stage) => {
            const place = placeOf(execution, stage)
            const whole = data?.stages.find(({ stageId }) => stageId === stage.stageId)
            return (
              <tr key={stage.stageId}>
                <td>{stage.moduleName ?? stage.moduleId}</td>
                <td>
                  <Status status={stage.status} />
                </td>
                <td className="mr-number">{durationText(stage.durationMs)}</td>
                <td className="mr-times">{place !== undefined && <TimeBar status={stage.status} {...place} />}</td>
                <td>
                  {Object.entries({
                    input: whole?.inputData,
                    output: whole?.outputData,
                    error: whole?.errorDetails,
                  }).map(([name, value]) => value != null && <Data key={name} name={name} value={value} />)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {data?.errorDetails != null && <Data name="error of the execution" value={data.errorDetails} />}
      {fault !== undefined && <p role="alert">Its data cannot be shown: {fault}</p>}
    </div>
  )
}

function useData({ key, endTime, stages }: ExecutionSummary, { endpoint, token, onRefused }: ExecutionServer) {
  const [state, setState] = useState<{ readonly data?: ExecutionData; readonly fault?: string }>({})
  useEffect(() => {
    const ended = new AbortController()
    askFor<ExecutionData>({ endpoint, token, onRefused }, { key }, ended.signal).then(
      (data) => setState({ data }),
      (error: unknown) => {
        if (!ended.signal.aborted) setState({ fault: (error as Error).message })
      },
    )
    return () => ended.abort()
    // What an execution says last comes with its end, and before that with each stage.
  }, [endpoint, token, onRefused, key, endTime, stages.length])
  return state
}

function TimeBar({
  status,
  start,
  length,
}: {
  readonly status: string
  readonly start: number
  readonly length: number
}) {
  const style: CSSProperties = { marginLeft: `${start * 100}%`, width: `${length * 100}%` }
  return <i className={`mr-time-bar mr-status-${status}`} style={style} />
}

function Data({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  return (
    <details>
      <summary>{name}</summary>
      <pre>{typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}</pre>
    </details>
  )
}
