import type { SinkFactory } from '../sinks/port.ts'
import type { ReplayOutput } from './outputs.ts'
import type { ReplayEstimate, ReplayRange } from './plan.ts'

/** The indices and shards that a replay writes to; undefined where the range has no start or a sink does not tell. */
export function estimatePlaces(
  outputs: readonly ReplayOutput[],
  sinks: readonly SinkFactory[],
  { fromMs, toMs }: ReplayRange,
  nowMs: number,
): Pick<ReplayEstimate, 'indices' | 'shards'> {
  const written = outputs.filter(({ kind, action }) => kind === 'sink' && (action === 'write' || action === 'version'))
  const names = new Set(written.map(({ name }) => name))
  let indices = 0
  let shards: number | undefined = 0
  for (const sink of sinks) {
    if (!names.has(sink.name)) continue
    const places = fromMs === undefined ? undefined : sink.placesOf?.(fromMs, toMs ?? nowMs)
    if (places === undefined) return { indices: undefined, shards: undefined }
    indices += places.indices
    shards = shards === undefined || places.shards === undefined ? undefined : shards + places.shards
  }
  return { indices, shards }
}
