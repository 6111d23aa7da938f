import { type AlertLabels, readLabels, strictnessAt } from '../../src/detection/index.ts'
import {
  json,
  type ReadOnlyKeyValueStore,
  type StreamsBuilder,
  string,
  type ValueAndTimestamp,
} from '../../src/index.ts'

/** Name of the global table of labels. */
export const labelsTable = 'detection-labels'

/** The labels of alerts as a global table, for all processors of the topology. */
export function readLabelsTable(builder: StreamsBuilder, topic: string): void {
  builder.globalTable(topic, { key: string(), value: json<unknown>({ bigIntegers: 'round' }), store: labelsTable })
}

/** The labels of the table. A record that is none changes nothing. */
export type LabelsStore = ReadOnlyKeyValueStore<string, ValueAndTimestamp<AlertLabels>>

/** So many times as far outside a point of this event time has to lie, by the labels of its alert. */
export function strictnessOf(store: LabelsStore | undefined, alert: string, timeMs: number): number {
  const row = store?.get(alert)
  return row === undefined ? 1 : strictnessAt(readLabels(row.value), timeMs)
}
