import type { Topology } from '../topology/topology.ts'
import { type BuildOptions, StreamsBuilder, type StreamsBuilderOptions } from './streams-builder.ts'

export interface TopologyDefinition {
  readonly name: string
  /** A fresh topology, equal each time. */
  build(options?: BuildOptions): Topology
}

/** What a topology module exports: each thread imports it and builds its own. */
export function defineTopology<DefaultKey = never, DefaultValue = never>(
  name: string,
  describe: (builder: StreamsBuilder<DefaultKey, DefaultValue>) => void,
  builderOptions: StreamsBuilderOptions<DefaultKey, DefaultValue> = {},
): TopologyDefinition {
  return Object.freeze({
    name,
    build(options: BuildOptions = {}): Topology {
      const builder = new StreamsBuilder(builderOptions)
      describe(builder)
      return builder.build(options)
    },
  })
}
