import type { Serde } from '../serde/serde.ts'
import type { StoreEngine } from '../stores/store-spec.ts'
import { illegalArgument } from '../topology/build-error.ts'
import { processorNode, type StreamStreamJoinLogical } from '../topology/logical-node.ts'
import type { Joiner } from '../topology/operator-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import { copartition } from './copartition.ts'
import type { HeldStream, StreamCore } from './core.ts'
import { changelogOf } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'
import { repartitionForJoin } from './stream-repartition.ts'
import { checkWindows, type JoinWindows } from './window-definitions.ts'

export interface StreamJoinSettings extends NameOption {
  readonly windows: JoinWindows
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  readonly otherValue?: Serde<unknown> | undefined
  /** Base of the window stores' names. */
  readonly store?: string | undefined
  readonly engine?: StoreEngine | undefined
  readonly changelog?: boolean | Readonly<Record<string, string>> | undefined
  /** How often, at most, rows that stayed without partner are looked for; 0: with each record. Default: `joinEmitIntervalMs`. */
  readonly emitIntervalMs?: number | undefined
}

function checkEmitInterval(emitIntervalMs: number | undefined): number | undefined {
  if (emitIntervalMs === undefined || (Number.isSafeInteger(emitIntervalMs) && emitIntervalMs >= 0))
    return emitIntervalMs
  throw illegalArgument(
    `emitIntervalMs of a join is ${emitIntervalMs}: it must be a whole number of milliseconds, not negative`,
  )
}

type Join = 'inner' | 'left' | 'outer'

/**
 * Joins two streams by equal keys and windows: appends a repartition per side whose key has changed, two join-window
 * nodes, and a logical join that is written as its two sides, a merge and the stores. Names are used up in the order of
 * Kafka Streams.
 */
export function joinStreams(
  left: HeldStream,
  right: HeldStream,
  join: Join,
  joiner: Joiner,
  settings: StreamJoinSettings,
): StreamCore {
  const { dsl } = left.core
  const { graph } = dsl
  const name = nameOf(settings)
  checkWindows((settings as StreamJoinSettings | undefined)?.windows as JoinWindows, ['join'])
  const key = settings.key ?? left.core.key ?? right.core.key
  const leftSide = joinable(left, name && `${name}-left`, { key, value: settings.value })
  const rightSide = joinable(right, name && `${name}-right`, { key, value: settings.otherValue })
  const sources = copartition([leftSide, rightSide])
  const node = joinNode(leftSide, rightSide, join, joiner, { ...settings, key }, name)
  const windowed = (processor: string, store: string) => processorNode(processor, { kind: 'join-window', store })
  graph.append(leftSide.place, windowed(node.leftWindowedName, node.leftStore.name))
  graph.append(rightSide.place, windowed(node.rightWindowedName, node.rightStore.name))
  const place = graph.append([leftSide.place, rightSide.place], node)
  return Object.freeze({ dsl, place, name: node.name, key, value: undefined, sources, repartitionRequired: false })
}

/** The side of a join, behind a repartition if its key has changed. */
function joinable(
  side: HeldStream,
  topicName: string | undefined,
  serdes: { key: Serde<unknown> | undefined; value: Serde<unknown> | undefined },
): StreamCore {
  if (!side.core.repartitionRequired) return side.core
  return repartitionForJoin(side, topicName ?? side.core.name, serdes)
}

/** Names and stores of a join; a name that is given still uses up the numbers. */
function joinNode(
  left: StreamCore,
  right: StreamCore,
  join: Join,
  joiner: Joiner,
  settings: StreamJoinSettings,
  name: string | undefined,
): StreamStreamJoinLogical {
  const { names } = left.dsl.graph
  const leftSuffix = join === 'outer' ? '-outer-this-join' : '-this-join'
  const rightSuffix = join === 'inner' ? '-other-join' : '-outer-other-join'
  const leftWindowedName = names.suffixed(name, '-this-windowed', 'KSTREAM-WINDOWED-')
  const rightWindowedName = names.suffixed(name, '-other-windowed', 'KSTREAM-WINDOWED-')
  const leftGenerated = names.processor(join === 'outer' ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-')
  const rightGenerated = names.processor(join === 'inner' ? 'KSTREAM-JOINOTHER-' : 'KSTREAM-OUTEROTHER-')
  const mergeName = names.suffixed(name, '-merge', 'KSTREAM-MERGE-')
  const { store } = settings
  const leftStore = windowStore(
    `${store === undefined ? leftGenerated : store + leftSuffix}-store`,
    left,
    left.value ?? settings.value,
    settings,
  )
  const rightStore = windowStore(
    `${store === undefined ? rightGenerated : store + rightSuffix}-store`,
    right,
    right.value ?? settings.otherValue,
    settings,
  )
  return Object.freeze({
    kind: 'stream-stream-join',
    name: mergeName,
    join,
    windows: settings.windows,
    joiner,
    leftName: name === undefined ? leftGenerated : name + leftSuffix,
    rightName: name === undefined ? rightGenerated : name + rightSuffix,
    leftWindowedName,
    rightWindowedName,
    leftStore,
    rightStore,
    emitIntervalMs: checkEmitInterval(settings.emitIntervalMs),
    outerStore: join === 'inner' ? undefined : outerStore(leftStore, rightStore, join, leftGenerated, settings, left),
    selfJoin: false,
  })
}

/** The records of one side, kept as long as the other side may need them. */
function windowStore(
  name: string,
  side: StreamCore,
  value: Serde<unknown> | undefined,
  settings: StreamJoinSettings,
): StoreDraft {
  const { windows } = settings
  const sizeMs = windows.beforeMs + windows.afterMs
  return Object.freeze({
    kind: 'window',
    name,
    engine: settings.engine ?? side.dsl.engine,
    key: settings.key,
    value,
    caching: false,
    changelog: changelogOf(settings.changelog),
    retentionMs: sizeMs + windows.graceMs,
    windowSizeMs: sizeMs,
    retainDuplicates: true,
    logsHeaders: true,
    timeOrdered: false,
  })
}

/** Records of both sides that wait for a partner; it has the number of the left side in its generated name. */
function outerStore(
  leftStore: StoreDraft,
  rightStore: StoreDraft,
  join: Join,
  leftGenerated: string,
  settings: StreamJoinSettings,
  left: StreamCore,
): StoreDraft {
  const suffix = join === 'outer' ? '-outer-shared-join' : '-left-shared-join'
  const number = leftGenerated.slice(-10)
  return Object.freeze({
    kind: 'outer-join-rows',
    name: `${settings.store === undefined ? `KSTREAM-OUTERSHARED-${number}` : settings.store + suffix}-store`,
    engine: settings.engine ?? left.dsl.engine,
    key: settings.key,
    value: leftStore.value,
    caching: false,
    changelog: changelogOf(settings.changelog),
    leftValue: leftStore.value,
    rightValue: rightStore.value,
  }) as StoreDraft
}
