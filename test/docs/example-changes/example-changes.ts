import type { ExampleChanges } from './edit.ts'
import { fleetChanges } from './fleet.ts'
import { kafkaChanges } from './kafka.ts'
import { runningChanges } from './running.ts'
import { streamsChanges } from './streams.ts'

/**
 * For each row of "Where to add" in ARCHITECTURE.md a small change, as somebody would make it who follows the row. The
 * test makes all of them in a copy of the sources, and the compiler must find nothing that the rows forgot.
 */
export const exampleChanges: ExampleChanges = {
  ...streamsChanges,
  ...kafkaChanges,
  ...runningChanges,
  ...fleetChanges,
}
