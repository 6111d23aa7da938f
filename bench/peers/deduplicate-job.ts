import { json, jsonView, minutes, type Serde, type StreamsBuilder, string } from '../../src/index.ts'
import type { Log } from './logs.ts'

type Read = Pick<Log, 'correlationId'>

const key = string()

export function deduplicateViews(builder: StreamsBuilder, output: string, seen: () => void): void {
  deduplicate(builder, jsonView<Read>({ correlationId: 'string' }), output, seen)
}

export function deduplicateObjects(builder: StreamsBuilder, output: string, seen: () => void): void {
  deduplicate(builder, json<Log>(), output, seen)
}

function deduplicate<Value extends Read>(
  builder: StreamsBuilder,
  value: Serde<Value>,
  output: string,
  seen: () => void,
): void {
  const id = (_: string, log: Value): string => {
    seen()
    return log.correlationId
  }
  builder
    .stream('logs', { key, value })
    .deduplicate({ store: 'seen', idSerde: string(), ttlMs: minutes(10), id })
    .to(output, { key, value })
}
