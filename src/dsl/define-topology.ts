import { ignoreRejection, isPromise, type NoPromise } from '../core/no-promise.ts'
import { shown } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { Topology } from '../topology/topology.ts'
import { type BuildOptions, StreamsBuilder, type StreamsBuilderOptions } from './streams-builder.ts'

/** A named recipe for a topology, made by `defineTopology`; `startStreams` takes it in place of a topology. */
export interface TopologyDefinition {
  /** The name given to `defineTopology`; it appears in error messages only. */
  readonly name: string
  /** Builds a new topology; all calls give equal topologies. */
  build(options?: BuildOptions): Topology
}

/** Defines what a topology module exports. Each thread imports the module and builds its own topology. */
export function defineTopology<DefaultKey = never, DefaultValue = never>(
  name: string,
  describe: (builder: StreamsBuilder<DefaultKey, DefaultValue>) => NoPromise,
  builderOptions: StreamsBuilderOptions<DefaultKey, DefaultValue> = {},
): TopologyDefinition {
  if (typeof describe !== 'function')
    throw illegalArgument(
      `the function given to defineTopology is ${shown(describe)}: call it as defineTopology(name, (builder) => { … })`,
    )
  return Object.freeze({
    name,
    build(options: BuildOptions = {}): Topology {
      const builder = new StreamsBuilder(builderOptions)
      const result: unknown = describe(builder)
      if (isPromise(result)) {
        ignoreRejection(result)
        throw illegalArgument(
          `the function of topology ${name} returned a promise: it must not be async, so await its input before the call of defineTopology`,
        )
      }
      return builder.build(options)
    },
  })
}
