import type { ReactNode } from 'react'
import '../react/styles.css'
import { ExecutionLog } from '../react/execution-log.tsx'
import type { SectionProps } from './section.ts'

/** Executions of Make.com. */
export function ExecutionsSection({ base, token, onRefused }: SectionProps): ReactNode {
  return <ExecutionLog endpoint={`${base}executions`} token={token} onRefused={onRefused} />
}
