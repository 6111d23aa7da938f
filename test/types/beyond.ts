// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import {
  type Application,
  type KeyValueView,
  type KStream,
  keyValueQuery,
  long,
  sessionQuery,
  StreamsBuilder,
  string,
  tumblingWindows,
  windowQuery,
} from '../../src/index.ts'

const builder = new StreamsBuilder()
const words = builder.stream('words', { key: string(), value: string() })

/** Compiles only where the two types are equal. */
function same<A>(_value: A): <B>(other: A extends B ? (B extends A ? B : never) : never) => void {
  return () => {}
}

export function lateRecords(): void {
  const windows = tumblingWindows({ sizeMs: 1000 })
  const late = (stream: KStream<string, string, true, true>): void => stream.to('late')
  words.groupByKey().windowedBy(windows, { late }).count()
  const lengths = words.groupBy((word) => word.length, { key: long() })
  lengths.windowedBy(windows, { late: (stream) => same<KStream<number, string, true, true>>(stream) }).count()
  // @ts-expect-error late records have the key of the grouping, not that of the aggregation's windows
  words.groupByKey().windowedBy(windows, { late: (stream) => stream.filter((key) => key.window.startMs > 0) })
  const unwritable = words.mapValues((word) => word.length).groupByKey()
  unwritable.windowedBy(windows, { late: (stream) => stream.to('late', { value: long() }) }).count()
  // @ts-expect-error the value has changed: its serde is missing
  unwritable.windowedBy(windows, { late: (stream) => stream.to('late') }).count()
}

export function queries(application: Application): void {
  const counts = application.query(keyValueQuery<string, number>('counts'))
  same<KeyValueView<string, number>>(counts)
  same<number | undefined>(counts.get('a'))
  // @ts-expect-error the key is a string
  counts.get(1)
  // @ts-expect-error a view does not write
  counts.put('a', 1)
  same<number | undefined>(application.query(windowQuery<string, number>('windows')).get('a', 0))
  // @ts-expect-error a session has a key and a window
  application.query(sessionQuery<string, number>('sessions')).all()[0]?.key.length
}
