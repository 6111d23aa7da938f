import { createHash } from 'node:crypto'
import type { Topology } from './topology.ts'
import type { Json, TopologyJson } from './topology-json.ts'

/** The members of a topology that are data. */
export type TopologyParts = Pick<Topology, 'nodes' | 'stores' | 'globalStores' | 'repartitionTopics' | 'subtopologies'>

/**
 * The data of a topology's parts: what `toJSON` returns, `hash` hashes and `diffTopologies` compares. Functions appear
 * by their names, serdes by theirs.
 */
export function topologyJson(parts: TopologyParts): TopologyJson {
  return Object.freeze({
    nodes: jsonOfMap(parts.nodes),
    stores: jsonOfMap(parts.stores),
    globalStores: jsonOfMap(parts.globalStores),
    repartitionTopics: jsonOfMap(parts.repartitionTopics),
    subtopologies: jsonOfMap(new Map(parts.subtopologies.map((subtopology) => [String(subtopology.id), subtopology]))),
  })
}

/** SHA-256 of a topology's data, in hex: equal for two builds of the same code, in whatever thread or process. */
export function hashOf(json: TopologyJson): string {
  return createHash('sha256').update(JSON.stringify(json)).digest('hex')
}

function jsonOfMap(map: ReadonlyMap<string, unknown>): { readonly [name: string]: Json } {
  return Object.fromEntries([...map].map(([name, value]) => [name, jsonOf(value) ?? null]))
}

/** undefined: nothing to be said of it. Members are in the order of their names, so that equal data is equal text. */
function jsonOf(value: unknown): Json | undefined {
  switch (typeof value) {
    case 'function':
      return { function: value.name }
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : jsonOfObject(value)
    default:
      return undefined
  }
}

function jsonOfObject(value: object): Json {
  if (value instanceof RegExp) return { pattern: value.source }
  if (isSerde(value)) return { serde: value.name }
  if (value instanceof Map) return jsonOfMap(value as ReadonlyMap<string, unknown>)
  if (Array.isArray(value) || value instanceof Set)
    return [...(value as Iterable<unknown>)].map((one) => jsonOf(one) ?? null)
  const members: [string, Json][] = []
  for (const name of Object.keys(value).sort()) {
    const json = jsonOf((value as Readonly<Record<string, unknown>>)[name])
    if (json !== undefined) members.push([name, json])
  }
  return Object.fromEntries(members)
}

function isSerde(value: object): value is { readonly name: string } {
  return 'serialize' in value && 'deserialize' in value && 'name' in value
}
