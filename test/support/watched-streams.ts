import { afterAll, afterEach } from '@jest/globals'
import { composeStreams, type Streams, type StreamsConfig } from '../../src/app.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { TopologyDefinition } from '../../src/dsl/define-topology.ts'
import { ProgressWatch } from '../../src/testing/progress-watch.ts'
import type { Topology } from '../../src/topology/topology.ts'

const lookEveryMs = 250

let failure: unknown
let looks = 0
let applications = 0

/** Starts an application under the progress watch, which fails the test when it hangs or gets nowhere with input waiting. */
export async function startWatchedStreams(
  config: StreamsConfig,
  topology: Topology | TopologyDefinition,
): Promise<Streams> {
  const streams = composeStreams(config, topology)
  const watch = new ProgressWatch(systemClock)
  applications++
  const timer = setInterval(() => {
    try {
      watch.look([streams.application])
      looks++
    } catch (error) {
      failure ??= error
    }
  }, lookEveryMs)
  const close: Streams['close'] = async (options) => {
    try {
      await streams.close(options)
    } finally {
      clearInterval(timer)
    }
  }
  try {
    await streams.application.start()
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
  return { application: streams.application, close }
}

afterEach(() => {
  const error = failure
  failure = undefined
  if (error !== undefined) throw error
})

afterAll(() => {
  process.stdout.write(`progress watch: ${looks} looks at ${applications} applications\n`)
})
