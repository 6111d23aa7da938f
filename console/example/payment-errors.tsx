// #region example
import { LogStreamViewer } from '../react/index.ts'
import '../react/styles.css'

export function PaymentErrors() {
  return (
    <LogStreamViewer
      endpoint="/logs/stream"
      filters={{ levels: ['error', 'critical'], services: ['payments'] }}
      maxDisplayLines={20_000}
    />
  )
}
// #endregion
