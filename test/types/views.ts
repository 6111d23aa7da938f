// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import { jsonView, type JsonView, StreamsBuilder, string } from '../../src/index.ts'

interface Log {
  readonly level: 'INFO' | 'WARN'
  readonly time: number
  readonly attempt?: number
  readonly tags: readonly string[]
}

const logs = jsonView<Log>({ level: 'string', time: 'isoTime', attempt: 'number', tags: 'json' })

export function fields(view: JsonView<Log>): void {
  const level: 'INFO' | 'WARN' = view.level
  const attempt: number | undefined = view.attempt
  // @ts-expect-error a field that may be missing
  const number: number = view.attempt
  // @ts-expect-error a field that is not defined
  const other: unknown = view.other
  // @ts-expect-error a view cannot be changed
  view.level = 'WARN'
  view.with({ level: 'WARN', attempt: undefined })
  // @ts-expect-error a value of another type
  view.with({ level: 'ERROR' })
  // @ts-expect-error a field that is always there cannot be removed
  view.with({ level: undefined })
  // @ts-expect-error a field that is not defined
  view.with({ other: 1 })
  void [level, attempt, number, other]
}

export function definitions(): void {
  // @ts-expect-error a field has no kind
  jsonView<Log>({ level: 'string', time: 'isoTime', attempt: 'number' })
  // @ts-expect-error a kind of another type
  jsonView<Log>({ level: 'number', time: 'isoTime', attempt: 'number', tags: 'json' })
  // @ts-expect-error a name that a method has
  jsonView<{ with: string }>({ with: 'string' })
  jsonView<{ any: string | number | null }>({ any: 'json' })
  logs.of({ level: 'INFO', time: 0, tags: [] })
  // @ts-expect-error a field is missing
  logs.of({ level: 'INFO', time: 0 })
}

export function inTopology(): void {
  const stream = new StreamsBuilder().stream('logs', { key: string(), value: logs })
  stream
    .filter((_, log) => log.level === 'WARN')
    .mapValues((log) => log.with({ attempt: (log.attempt ?? 0) + 1 }))
    .to('warnings', { value: logs })
  // @ts-expect-error an object that is no view
  stream.mapValues(({ level }) => ({ level })).to('levels', { value: logs })
}
