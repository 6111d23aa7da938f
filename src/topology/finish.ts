import type { Assembly, NodeDraft } from './assembly.ts'
import { topologyInvalid } from './build-error.ts'
import { checkNodes } from './check-nodes.ts'
import { checkCustomStores, checkSuppliers } from './check-suppliers.ts'
import { checkInternalTopics, checkStoreNames } from './check-start.ts'
import { describeTopology } from './describe.ts'
import { describeMermaid } from './describe-mermaid.ts'
import { groupTopologyOf } from './internal-topics.ts'
import type { TopologyNode } from './node.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import { subtopologiesOf } from './subtopology.ts'
import type { InternalTopicSettings, RepartitionTopicSpec, Topology } from './topology.ts'
import { hashOf, topologyJson } from './json-of-topology.ts'

/**
 * Makes the frozen topology from everything that was added: the last step of `build`, for the DSL and the Processor
 * API. Checks the whole (functions left out, shared suppliers, partition counts), links children in order of connection
 * and numbers the subtopologies. Throws TOPOLOGY_INVALID or ILLEGAL_ARGUMENT.
 */
export function finishTopology(assembly: Assembly, copartitions: readonly ReadonlySet<string>[] = []): Topology {
  checkNodes(assembly.nodes.values(), assembly.internalTopics)
  checkSuppliers(assembly.nodes.values())
  checkCustomStores([...assembly.stores.values(), ...assembly.globalSpecs.values()])
  checkCopartitions(assembly, copartitions)
  const nodes = linkedNodes(assembly)
  const stores = new Map<string, StoreSpec>()
  for (const spec of assembly.stores.values())
    stores.set(spec.name, withTopic(spec, assembly.changelogTopics.get(spec.name)))
  for (const spec of assembly.globalSpecs.values()) stores.set(spec.name, spec)
  const repartitionTopics = new Map<string, RepartitionTopicSpec>()
  for (const [name, partitions] of assembly.internalTopics) repartitionTopics.set(name, { name, partitions })
  const parts = {
    nodes,
    stores,
    globalStores: assembly.globalStores,
    repartitionTopics,
    subtopologies: subtopologiesOf(assembly),
  }
  let hash: string | undefined
  return Object.freeze({
    ...parts,
    describe: (format: 'text' | 'mermaid' = 'text') =>
      format === 'mermaid' ? describeMermaid(parts) : describeTopology(parts),
    toJSON: () => topologyJson(parts),
    hash: () => (hash ??= hashOf(topologyJson(parts))),
    groupTopology(applicationId: string, settings: InternalTopicSettings, existing?: readonly string[]) {
      const groups = groupTopologyOf({ topology: parts, copartitions, applicationId, settings, existing })
      checkStoreNames(assembly.stores.keys())
      checkInternalTopics(groups)
      return groups
    },
  })
}

/** Nodes with their children, which a draft does not know: children are added after their parents. */
function linkedNodes(assembly: Assembly): ReadonlyMap<string, TopologyNode> {
  const children = new Map<string, string[]>()
  for (const name of assembly.nodes.keys()) children.set(name, [])
  for (const draft of assembly.nodes.values()) {
    if (draft.kind === 'source') continue
    for (const parent of draft.parents) children.get(parent)?.push(draft.name)
  }
  const nodes = new Map<string, TopologyNode>()
  for (const draft of assembly.nodes.values()) nodes.set(draft.name, linkedNode(draft, children.get(draft.name) ?? []))
  return nodes
}

function linkedNode(draft: NodeDraft, children: readonly string[]): TopologyNode {
  switch (draft.kind) {
    case 'source':
      return Object.freeze({ ...draft, children })
    case 'processor':
      return Object.freeze({ ...draft, children, stores: [...draft.stores] })
    case 'sink':
      return Object.freeze(draft)
  }
}

/** A source topic that serves as changelog gives the store its name. */
function withTopic(spec: StoreSpec, topic: string | undefined): StoreSpec {
  if (topic === undefined) return spec
  return Object.freeze({ ...spec, changelog: { topic, configs: spec.changelog?.configs ?? {} } })
}

/** Refuses groups of repartition topics whose given partition counts differ. */
function checkCopartitions(assembly: Assembly, copartitions: readonly ReadonlySet<string>[]): void {
  for (const group of copartitions) {
    const counts = new Map<string, number | undefined>()
    for (const name of group) {
      const node = assembly.nodes.get(name)
      if (node?.kind !== 'source' || node.topics instanceof RegExp) continue
      for (const topic of node.topics) counts.set(topic, assembly.internalTopics.get(topic))
    }
    const given = [...counts.values()]
    if (given.includes(undefined) || new Set(given).size < 2) continue
    const listed = [...counts].map(([topic, count]) => `${topic} (${count})`).join(', ')
    throw topologyInvalid(
      `topics that are joined must have equal partition counts (${listed}): repartition to one count`,
    )
  }
}
