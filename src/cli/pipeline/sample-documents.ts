import { bytes } from '../../serde/primitives.ts'
import type { SinkFactory } from '../../sinks/port.ts'
import { TopologyTestDriver } from '../../testing/topology-test-driver.ts'
import type { Topology } from '../../topology/topology.ts'
import { systemClock } from '../../core/clock.ts'
import { standardErrorLogger } from '../../core/logger.ts'
import { loadWorker } from '../../worker/load-worker.ts'
import { prepareWorker } from '../../worker/prepare-worker.ts'
import type { Cli, CommonOptions } from '../cli.ts'

const sinkName = 'documents'
/** More than any processor waits for records that belong together. */
const laterMs = 60_000

/** The final documents that a worker makes of the lines of a file, each a record of its first topic. */
export async function sampleDocuments(
  cli: Cli,
  module: string,
  options: CommonOptions,
  lines: readonly string[],
): Promise<readonly string[]> {
  const definition = await loadWorker(module, cli.host.directory)
  const environment = cli.environment(options)
  // Takes the place of all sinks: nothing is written, and no server is needed.
  const sinks = [{ name: sinkName } as SinkFactory]
  const { topology } = await prepareWorker(definition, { environment, logger: () => standardErrorLogger, sinks })
  const nowMs = systemClock.nowMs()
  const driver = new TopologyTestDriver(topology, { startMs: nowMs })
  try {
    const input = driver.createInputTopic(firstTopic(topology), { key: bytes(), value: bytes() })
    for (const line of lines) input.pipeInput(Buffer.from('sample'), Buffer.from(line), nowMs)
    driver.advanceWallClock(laterMs)
    return driver.sinkRecords(firstSink(topology)).map(({ value }) => JSON.stringify(value))
  } finally {
    await driver.close()
  }
}

function firstTopic({ nodes }: Topology): string {
  for (const node of nodes.values()) {
    if (node.kind !== 'source' || !Array.isArray(node.topics)) continue
    const [topic] = node.topics as readonly string[]
    if (topic !== undefined) return topic
  }
  return ''
}

/** The one that every sink of the settings was replaced with, or one that the topology names itself. */
function firstSink({ nodes }: Topology): string {
  for (const node of nodes.values()) {
    if (node.kind === 'processor' && node.operator.kind === 'external-sink') return node.operator.sink
  }
  return sinkName
}
