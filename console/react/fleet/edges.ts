import type { PictureArrow, PictureGraph, PictureItem } from '../../../src/topology/picture/picture.ts'
import type { ApplicationFigures, TopicFigures } from './application-figures.ts'

/** An arrow of the picture with what is known of it. */
export interface Edge {
  readonly key: string
  readonly arrow: PictureArrow
  readonly from: PictureItem
  readonly to: PictureItem
  /** Records per second; undefined: nobody counts them here. */
  readonly perSecond: number | undefined
  readonly lagRecords: number | undefined
  /** What a tap of it asks for; undefined: records pass inside of a task, where nobody can read them. */
  readonly tap: string | undefined
}

/** The edges of a topology with the figures of its application. */
export function edgesOf({ items, arrows }: PictureGraph, figures: ApplicationFigures): readonly Edge[] {
  const byId = new Map(items.map((item) => [item.id, item]))
  const writers = new Map<number, number>()
  for (const arrow of arrows) {
    const from = byId.get(arrow.from)
    if (byId.get(arrow.to)?.kind === 'topic' && from?.subtopology !== undefined)
      writers.set(from.subtopology, (writers.get(from.subtopology) ?? 0) + 1)
  }
  return arrows.flatMap((arrow) => {
    const [from, to] = [byId.get(arrow.from), byId.get(arrow.to)]
    if (from === undefined || to === undefined) return []
    const read = from.kind === 'topic' ? topicNameOf(from, figures) : undefined
    const written = to.kind === 'topic' ? topicNameOf(to, figures) : undefined
    return {
      key: `${arrow.from} ${arrow.to}`,
      arrow,
      from,
      to,
      perSecond:
        read === undefined
          ? writtenPerSecond(from, written, { figures, writers })
          : figures.reads.get(`${to.subtopology} ${read}`),
      lagRecords: read === undefined ? undefined : figures.topics.get(read)?.lagRecords,
      tap: arrow.kind === 'store' ? from.text : (read ?? written),
    }
  })
}

/** The name that the topic has in Kafka: topics of an application itself have its name in front. */
export function topicNameOf({ text }: PictureItem, { id, topics }: ApplicationFigures): string {
  const own = `${id}-${text}`
  return topics.has(own) ? own : text
}

export function topicFiguresOf(item: PictureItem, figures: ApplicationFigures): TopicFigures | undefined {
  return figures.topics.get(topicNameOf(item, figures))
}

/** A topic of the application itself has no other writer; and where a subtopology writes to one topic, its count says it. */
function writtenPerSecond(
  from: PictureItem,
  topic: string | undefined,
  { figures, writers }: { readonly figures: ApplicationFigures; readonly writers: ReadonlyMap<number, number> },
): number | undefined {
  if (topic === undefined || from.subtopology === undefined) return undefined
  if (topic.startsWith(`${figures.id}-`)) return figures.topics.get(topic)?.writtenPerSecond
  return writers.get(from.subtopology) === 1 ? figures.writes.get(from.subtopology) : undefined
}
