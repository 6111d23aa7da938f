import type { SinkFactory } from '../sinks/port.ts'
import type { SinkVersion } from '../sinks/sink-version.ts'
import { type ReplayOutput, versionedName } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'

/** The live sinks, each beside its version where the plan has one. */
export function withVersions(sinks: readonly SinkFactory[], plan: ReplayPlan): readonly SinkFactory[] {
  const versioned = new Set(versionedSinks(plan.outputs).map(({ name }) => name))
  return sinks.flatMap((sink) => {
    const other = versioned.has(sink.name) ? sink.versioned?.(versionedName('', plan)) : undefined
    return other === undefined ? [sink] : [sink, other]
  })
}

/** What the version of an output's sink can do; undefined where it has none, or cannot do anything. */
export function versionOf(
  { kind, name, action }: ReplayOutput,
  plan: ReplayPlan,
  sinks: readonly SinkFactory[],
): SinkVersion | undefined {
  if (kind !== 'sink' || action !== 'version') return undefined
  return sinks.find((sink) => sink.name === name)?.versioned?.(versionedName('', plan)).version
}

/** The outputs that write to a version of a sink, one for each sink. */
export function versionedSinks(outputs: readonly ReplayOutput[]): readonly ReplayOutput[] {
  const own = outputs.filter(({ kind, action }) => kind === 'sink' && action === 'version')
  return [...new Map(own.map((output) => [output.name, output])).values()]
}
