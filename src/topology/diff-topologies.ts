import type { Json, TopologyJson } from './topology-json.ts'

/** One thing that differs between two topologies. */
export interface TopologyDifference {
  /** The kind of part: a node, a store, a repartition topic… */
  readonly of: keyof TopologyJson
  /** The name or id of that part. */
  readonly name: string
  /** Whether the part exists only afterwards, only before, or in both with different data. */
  readonly change: 'added' | 'removed' | 'changed'
  /** The paths of the fields that changed, such as `operator.windows.sizeMs`. */
  readonly fields: readonly string[]
}

/** Compares two topologies as data, part by part; the result is empty if they are equal. */
export function diffTopologies(before: TopologyJson, after: TopologyJson): readonly TopologyDifference[] {
  const parts = Object.keys(before) as (keyof TopologyJson)[]
  return parts.flatMap((part) => diffPart(part, before[part], after[part]))
}

type Part = TopologyJson[keyof TopologyJson]

function diffPart(of: keyof TopologyJson, before: Part, after: Part): TopologyDifference[] {
  const differences: TopologyDifference[] = []
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name], after[name]]
    if (old === undefined) differences.push({ of, name, change: 'added', fields: [] })
    else if (now === undefined) differences.push({ of, name, change: 'removed', fields: [] })
    else {
      const fields = fieldsThatDiffer(old, now, '')
      if (fields.length > 0) differences.push({ of, name, change: 'changed', fields })
    }
  }
  return differences
}

function fieldsThatDiffer(before: Json | undefined, after: Json | undefined, path: string): readonly string[] {
  if (!isObject(before) || !isObject(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) =>
    fieldsThatDiffer(before[name], after[name], path === '' ? name : `${path}.${name}`),
  )
}

function isObject(json: Json | undefined): json is { readonly [name: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
