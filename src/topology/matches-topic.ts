import type { SourceNode } from './node.ts'

/**
 * Whether a source reads a topic, which is given by its full name. `topicName` returns the full name for a name in the
 * topology.
 */
export function matchesTopic(source: SourceNode, topic: string, topicName: (name: string) => string): boolean {
  if (source.topics instanceof RegExp) return matchesWhole(source.topics, topic)
  return source.topics.some((name) => topicName(name) === topic)
}

/** Whether a pattern matches the whole name of a topic, as Java's `Matcher.matches` does. */
export function matchesWhole(pattern: RegExp, topic: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).test(topic)
}
