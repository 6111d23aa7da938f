import { topologyInvalid } from '../topology/build-error.ts'
import type { Core } from './core.ts'

type Side = Pick<Core, 'dsl' | 'sources'> & { readonly key?: Core['key']; readonly name?: string }

/**
 * Remembers that the topics behind these must have equal partition counts; returns the union of their sources. Refuses
 * sides whose keys cannot lie in the same partitions.
 */
export function copartition(cores: readonly Side[]): ReadonlySet<string> {
  for (const core of cores) checkKeyBytes(cores[0], core)
  const all = new Set(cores.flatMap((core) => [...core.sources]))
  cores[0]?.dsl.graph.copartitions.push(new Set(all))
  return all
}

/** Built-in serdes by the layout of a key's bytes: equal keys have equal bytes only within a group. */
const keyBytesOf: Readonly<Record<string, string>> = Object.freeze({
  string: 'text',
  uuid: 'text',
  json: 'JSON',
  long: '8 bytes of an integer',
  bigLong: '8 bytes of an integer',
  integer: '4 bytes of an integer',
  short: '2 bytes of an integer',
  double: '8 bytes of a floating-point number',
  float: '4 bytes of a floating-point number',
})

function checkKeyBytes(left: Side | undefined, right: Side): void {
  const leftSerde = left?.key?.name ?? ''
  const rightSerde = right.key?.name ?? ''
  const [leftBytes, rightBytes] = [keyBytesOf[leftSerde], keyBytesOf[rightSerde]]
  if (leftBytes === undefined || rightBytes === undefined || leftBytes === rightBytes) return
  throw topologyInvalid(
    `equal keys of ${left?.name ?? ''} (${leftSerde}()) and ${right.name ?? ''} (${rightSerde}()) have different bytes, so they never match: read both with the same serde, or repartition one side`,
    right.name,
  )
}
