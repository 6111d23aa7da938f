// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import { type AvroView, avroView, registryAvroView, StreamsBuilder, string } from '../../src/index.ts'
import { createMemorySchemaRegistry } from '../../src/testing/index.ts'

interface Log {
  readonly level: 'INFO' | 'WARN'
  readonly time: number
  readonly attempt?: number
}

const schema = { type: 'record', name: 'Log', fields: [] }
const logs = avroView<Log>(schema)
const registered = registryAvroView<Log>({ client: createMemorySchemaRegistry(), schema })

export function fields(view: AvroView<Log>): void {
  const level: 'INFO' | 'WARN' = view.level
  const attempt: number | undefined = view.attempt
  // @ts-expect-error a field that may be missing
  const number: number = view.attempt
  // @ts-expect-error a field that is not declared
  const other: unknown = view.other
  // @ts-expect-error a view cannot be changed
  view.level = 'WARN'
  view.with({ level: 'WARN', attempt: undefined })
  // @ts-expect-error a value of another type
  view.with({ level: 'ERROR' })
  // @ts-expect-error a field that is always there has no default
  view.with({ level: undefined })
  // @ts-expect-error a name that a method has
  avroView<{ with: string }>(schema)
  // @ts-expect-error a field is missing
  logs.of({ level: 'INFO' })
  void [level, attempt, number, other]
}

export function inTopology(): void {
  const stream = new StreamsBuilder().stream('logs', { key: string(), value: registered })
  stream
    .filter((_, log) => log.level === 'WARN')
    .mapValues((log) => log.with({ attempt: (log.attempt ?? 0) + 1 }))
    .to('warnings', { value: logs })
  // @ts-expect-error an object that is no view
  stream.mapValues(({ level }) => ({ level })).to('levels', { value: logs })
}
