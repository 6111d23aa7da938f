import { json, jsonView, type StreamsBuilder, string } from '../../src/index.ts'
import type { Log } from './logs.ts'

/** `alert` is what the job adds. */
type Alerted = Log & { readonly alert?: string }
type Read = Pick<Alerted, 'level' | 'alert'>

const key = string()
const isHigh = ({ level }: Read) => level === 'WARN' || level === 'ERROR' || level === 'FATAL'

export function alertViews(builder: StreamsBuilder, output: string, seen: () => void): void {
  const value = jsonView<Read>({ level: 'string', alert: 'string' })
  builder
    .stream('logs', { key, value })
    .filter((_, log) => {
      seen()
      return isHigh(log)
    })
    .mapValues((log) => log.with({ alert: 'yes' }))
    .to(output, { key, value })
}

export function alertObjects(builder: StreamsBuilder, output: string, seen: () => void): void {
  const value = json<Alerted>()
  builder
    .stream('logs', { key, value })
    .filter((_, log) => {
      seen()
      return isHigh(log)
    })
    .mapValues((log) => ({ ...log, alert: 'yes' }))
    .to(output, { key, value })
}
