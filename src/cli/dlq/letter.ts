import { attemptsOf } from '../../core/attempts-header.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { Header, Headers } from '../../core/headers.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { ownPrefix, prefix } from '../../runtime/errors/dead-letters.ts'

/** A dead letter as a command reads it: what failed, where, why, and the source record in it. */
export interface Letter {
  /** `partition@offset` in the dead-letter topic. */
  readonly id: string
  /** The class of the error, or the code of a MillraceError. */
  readonly error: string
  readonly message: string
  readonly stack: string
  /** Where the record was read; offset -1: what could not be written to this topic. undefined: no record. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | undefined
  /** Who wrote it; undefined for a letter of Kafka Streams. */
  readonly application: string | undefined
  readonly task: string | undefined
  /** The node that failed; undefined while the record was read. */
  readonly node: string | undefined
  /** The hash of the topology that was running. */
  readonly topology: string | undefined
  /** How often it was tried again before it failed this time. */
  readonly attempts: number
  /** Parts that did not fit: `value`, `headers`, `key`, `texts`. */
  readonly leftOut: readonly string[]
  /** Of the source record, as are key, value and headers. */
  readonly timestamp: number
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly headers: Headers
}

/** Reads a letter of millrace or of Kafka Streams (KIP-1034). A record of another kind has the error `unknown`. */
export function letterOf(batch: RecordBatch, index: number): Letter {
  const all = batch.headers(index)
  // The headers of the source come first, and may be those of another letter.
  const start = all.findLastIndex(({ key }) => key === `${prefix}exception`)
  const own = start === -1 ? [] : all.slice(start)
  const headers = start === -1 ? all : all.slice(0, start)
  const text = (name: string) => textOf(own.find(({ key }) => key === name))
  const application = text(`${ownPrefix}application`)
  return {
    id: `${batch.partition}@${batch.offset(index)}`,
    error: text(`${prefix}exception`) ?? 'unknown',
    message: text(`${prefix}message`) ?? '',
    stack: text(`${prefix}stacktrace`) ?? '',
    source: sourceOf(text),
    application,
    task: text(`${ownPrefix}task`),
    node: text(`${ownPrefix}node`),
    topology: text(`${ownPrefix}topology`),
    attempts: attemptsOf(headers, application),
    leftOut: own.flatMap(({ key }) => leftOutPattern.exec(key)?.slice(1) ?? []),
    timestamp: batch.timestamp(index),
    key: batch.key(index),
    value: batch.value(index),
    headers,
  }
}

const leftOutPattern = /^__streams\.errors\.([a-z]+)-left-out$/

function sourceOf(text: (name: string) => string | undefined): Letter['source'] {
  const topic = text(`${prefix}topic`)
  const partition = Number(text(`${prefix}partition`) ?? Number.NaN)
  const offset = Number(text(`${prefix}offset`) ?? Number.NaN)
  if (topic === undefined || !Number.isSafeInteger(partition) || partition < 0 || !Number.isSafeInteger(offset))
    return undefined
  return { topic, partition, offset }
}

function textOf(header: Header | undefined): string | undefined {
  const value = header?.value ?? null
  return value === null ? undefined : Buffer.from(value).toString()
}
