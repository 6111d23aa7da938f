import type { TimestampExtractor } from './node.ts'

/** The time that Kafka holds, whatever the default extractor is: sources of repartition topics have it, as in Java. */
export const recordTimestamp: TimestampExtractor = ({ timestamp }) => timestamp
