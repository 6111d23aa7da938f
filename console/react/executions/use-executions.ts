import { useEffect, useState } from 'react'
import type { ExecutionList } from './execution.ts'
import { executionsMax, type KnownExecutions, noExecutions, withChanges } from './execution-list.ts'

const everyMs = 2000
const deadlineMs = 10_000

/** Where executions are asked for, and who asks. */
export interface ExecutionServer {
  readonly endpoint: string
  readonly token: string | undefined
  readonly onRefused: ((refused: { readonly status: number }) => void) | undefined
}

/** Asks the server; rejects with its reason where it does not answer with 200. */
export async function askFor<Answer>(
  { endpoint, token, onRefused }: ExecutionServer,
  parameters: Readonly<Record<string, string>>,
  ended: AbortSignal,
): Promise<Answer> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(deadlineMs)])
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${endpoint}?${new URLSearchParams(parameters).toString()}`, { headers, signal })
  if (response.ok) return (await response.json()) as Answer
  if (response.status === 401 || response.status === 403) onRefused?.(response)
  const { reason } = (await response.json().catch(() => ({}))) as { readonly reason?: string }
  throw new Error(reason ?? `the server answers ${response.status}`)
}

/** The executions of a server, asked for what has changed every two seconds; `fault` is why the last question failed. */
export function useExecutions({ endpoint, token, onRefused }: ExecutionServer): {
  readonly known: KnownExecutions
  readonly isLoaded: boolean
  readonly fault: string | undefined
} {
  const [state, setState] = useState({ known: noExecutions, isLoaded: false, fault: undefined as string | undefined })
  useEffect(() => {
    const ended = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let known = noExecutions
    const ask = async (): Promise<void> => {
      try {
        const parameters = { after: String(known.sequence), limit: String(executionsMax) }
        const answer = await askFor<ExecutionList>({ endpoint, token, onRefused }, parameters, ended.signal)
        known = withChanges(known, answer)
        setState({ known, isLoaded: true, fault: undefined })
      } catch (error) {
        if (ended.signal.aborted) return
        setState((before) => ({ ...before, fault: (error as Error).message }))
      }
      if (!ended.signal.aborted) timer = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [endpoint, token, onRefused])
  return state
}
