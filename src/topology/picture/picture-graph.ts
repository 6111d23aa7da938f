import type { TopologyNode } from '../node.ts'
import type { Topology } from '../topology.ts'
import type { PictureArrow, PictureGraph, PictureItem } from './picture.ts'

/** The graph of a topology. Topics that are written and read, such as repartition topics, are one item. */
export function pictureGraph(topology: Topology): PictureGraph {
  const items = new Map<string, PictureItem>()
  const arrows: PictureArrow[] = []
  const subtopologies = new Map(
    topology.subtopologies.flatMap(({ id, nodes }) => nodes.map((name) => [name, id] as const)),
  )
  const add = (item: PictureItem): string => {
    if (!items.has(item.id)) items.set(item.id, item)
    return item.id
  }
  const topic = (name: string): string =>
    add({ id: `topic ${name}`, kind: 'topic', text: name, hint: `topic ${name}`, subtopology: undefined })
  for (const node of topology.nodes.values()) {
    const subtopology = subtopologies.get(node.name)
    const id = add({ id: idOf(node.name), kind: node.kind, text: node.name, hint: hintOf(node), subtopology })
    if (node.kind === 'source') for (const name of topicsOf(node.topics)) arrows.push(records(topic(name), id))
    if (node.kind === 'sink') arrows.push(records(id, topic(sinkTopic(node.topic))))
    else for (const child of node.children) arrows.push(records(id, idOf(child)))
    if (node.kind !== 'processor') continue
    for (const name of node.stores) {
      const hint = `store ${name}: ${topology.stores.get(name)?.kind ?? 'global'}`
      const store = add({ id: `store ${name}`, kind: 'store', text: name, hint, subtopology })
      arrows.push({ from: id, to: store, kind: 'store' })
    }
  }
  return { items: [...items.values()], arrows }
}

function idOf(node: string): string {
  return `node ${node}`
}

function records(from: string, to: string): PictureArrow {
  return { from, to, kind: 'records' }
}

function topicsOf(topics: readonly string[] | RegExp): readonly string[] {
  return topics instanceof RegExp ? [`/${topics.source}/`] : topics
}

function sinkTopic(topic: string | { readonly name: string }): string {
  return typeof topic === 'string' ? topic : `by ${topic.name || 'a function'}`
}

function hintOf(node: TopologyNode): string {
  if (node.kind === 'processor') return `${node.name}: ${node.operator.kind}`
  return `${node.name}: ${node.kind}, key ${node.key.name}, value ${node.value.name}`
}
