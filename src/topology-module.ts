import { errorMessage, MillraceError, thrownAt } from './core/errors.ts'
import type { TracingOptions } from './core/tracing.ts'
import type { BuildOptions } from './dsl/streams-builder.ts'
import type { TopologyDefinition } from './dsl/define-topology.ts'
import type { ThreadModule } from './runtime/application/workers/messages.ts'
import type { ApplicationOptions } from './runtime/settings.ts'
import type { SinkFactory } from './sinks/port.ts'
import type { Topology } from './topology/topology.ts'

/** What a topology module may export as `options`: everything of an application that is a function or holds one. */
export interface TopologyModuleOptions
  extends Pick<
    ApplicationOptions,
    | 'defaultTimestampExtractor'
    | 'deserializationHandler'
    | 'processingHandler'
    | 'productionHandler'
    | 'uncaughtErrorHandler'
  > {
  /** Targets outside of Kafka; each thread makes its own. */
  readonly sinks?: readonly SinkFactory[] | undefined
  /** Traces of records; each thread has its own tracer. */
  readonly tracing?: TracingOptions | undefined
}

/** A topology that worker threads can make again, because it comes from a module. Made by `importTopology`. */
export interface TopologyModule extends TopologyDefinition {
  /** What the module exports as `options`; used where the application's own options do not say otherwise. */
  readonly options: TopologyModuleOptions
  /** What a worker thread imports. */
  readonly module: ThreadModule
}

/** What `loadThreadParts` of topology-loader gets. */
export interface ModulePlace {
  readonly url: string
  readonly name: string
}

/**
 * Imports a topology that a module exports, so that threads can run in worker threads: each imports the same module and
 * builds the topology itself. The module may also export `options`, with whatever is a function: sinks, handlers, a
 * timestamp extractor, a tracer. `name`: of the export, default `default`. Rejects with TOPOLOGY_MODULE.
 *
 * @example
 * ```ts
 * const topology = await importTopology(new URL('./orders.js', import.meta.url))
 * const streams = await startStreams({ applicationId: 'orders', kafka, threads: 4 }, topology)
 * await streams.close()
 * ```
 */
export async function importTopology(url: URL | string, name = 'default'): Promise<TopologyModule> {
  const place: ModulePlace = { url: String(url), name }
  // It would be looked up beside this file.
  if (!(url instanceof URL) && (typeof url !== 'string' || url.startsWith('.')))
    throw refused(place.url, `is no address: give new URL('./orders.js', import.meta.url)`)
  const { definition, options } = await importParts(place)
  return Object.freeze({
    name: definition.name,
    build: (build?: BuildOptions) => definition.build(build),
    options,
    module: { loader: fileOf('topology-loader'), data: place },
  })
}

/** A module of this folder, as the sources or as they are compiled. */
export function fileOf(name: string): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./${name}.${ending}`, import.meta.url).href
}

/** Rejects with TOPOLOGY_MODULE. */
export async function importParts({ url, name }: ModulePlace): Promise<{
  readonly definition: TopologyDefinition
  readonly options: TopologyModuleOptions
}> {
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(url)) as Record<string, unknown>
  } catch (cause) {
    throw refused(url, `cannot be imported (${errorMessage(cause)}, ${thrownAt(cause) ?? 'no place known'})`, cause)
  }
  const found = exported[name]
  if (!isDefinition(found))
    throw refused(url, `exports no topology as ${name}: export the result of defineTopology, or of builder.build()`)
  const { options = {} } = exported
  if (typeof options !== 'object' || options === null)
    throw refused(url, `exports options of type ${typeof options}: export an object, or nothing of this name`)
  const definition = 'build' in found ? found : { name, build: () => found }
  return { definition, options }
}

/** The packages of a module and of the caller may be two copies, so nothing is matched by class. */
function isDefinition(value: unknown): value is TopologyDefinition | Topology {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as Partial<TopologyDefinition>).build === 'function' || 'subtopologies' in value
}

function refused(url: string, fault: string, cause?: unknown): MillraceError {
  return new MillraceError('TOPOLOGY_MODULE', 'fatal', `module ${url} ${fault}`, cause === undefined ? {} : { cause })
}
