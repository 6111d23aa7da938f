import type { SourceNode } from './node.ts'

/** Whether a source reads a topic, given by its full name. `topicName` gives the full name of what a source names. */
export function matchesTopic(source: SourceNode, topic: string, topicName: (name: string) => string): boolean {
  if (source.topics instanceof RegExp) {
    return new RegExp(`^(?:${source.topics.source})$`, source.topics.flags.replace(/[gy]/g, '')).test(topic)
  }
  return source.topics.some((name) => topicName(name) === topic)
}
