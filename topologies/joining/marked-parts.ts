import { JsonMembers, type MemberType } from '../parsing/json-members.ts'
import type { LinePart } from './line-part.ts'

/** Members by which shippers mark parts: Fluent Bit's reader of CRI, its parser of CRI, and Docker's driver for Fluentd. */
const marks = ['"_p":"', '"logtag":"', '"partial_message":'].map((mark) => Buffer.from(mark))
const flags = ['_p', 'logtag']
const texts = ['log', 'message']
const sources = ['kubernetes', 'container_id', 'path', 'file', 'filename', 'filepath']
const streams = ['container_name', 'stream', 'source', 'partial_id']

const names = [...flags, ...texts, ...sources, ...streams, 'partial_message', 'partial_last'] as const
const slots = new Map(names.map((name, slot) => [name, slot]))
const members = new JsonMembers(Object.fromEntries(names.map((name): [string, MemberType] => [name, 'any'])))
/** What tells one container from another among all that Kubernetes says of it. */
const kubernetesNames = /"(?:namespace_name|pod_name|pod_id|container_name|docker_id)":"[^"]*"/g
const container = /"(?:container_name|docker_id)":"[^"]/

const openMark = /"(_p|logtag)":"P"|"partial_last":("?)false\2/g

/** The part of a line in a record of a shipper that marks it as one, with all that is around it. */
export function markedPart(record: Buffer): LinePart | undefined {
  if (!marks.some((mark) => record.includes(mark))) return undefined
  const json = record.toString('latin1')
  // So written, a place in the bytes is one in the text.
  if (!members.scan(Buffer.from(json))) return undefined
  const slot = texts.map((name) => slots.get(name) as number).find((each) => json[members.start(each)] === '"')
  if (slot === undefined || !isMarked(json)) return undefined
  const [start, end] = [members.start(slot) + 1, members.end(slot) - 1]
  const named = sources.map((name) => sourceIn(json, name)).filter((source) => source !== '')
  return {
    before: closed(json.slice(0, start)),
    text: json.slice(start, end),
    after: closed(json.slice(end)),
    isOpen: isOpen(json),
    namesSource: named.length > 0,
    stream: [...named, ...streams.map((name) => valueOf(json, name))].join('\n'),
  }
}

function isMarked(json: string): boolean {
  return flags.some((name) => /^"[PF]"$/.test(valueOf(json, name))) || isTrue(valueOf(json, 'partial_message'))
}

function isOpen(json: string): boolean {
  if (flags.some((name) => valueOf(json, name) === '"P"')) return true
  return isTrue(valueOf(json, 'partial_message')) && !isTrue(valueOf(json, 'partial_last'))
}

function isTrue(value: string): boolean {
  return value === 'true' || value === '"true"'
}

function sourceIn(json: string, name: string): string {
  const value = valueOf(json, name)
  if (name !== 'kubernetes') return value
  // A pod has several containers.
  return container.test(value) ? (value.match(kubernetesNames)?.join() ?? '') : ''
}

/** As JSON; empty where the record does not have the member. */
function valueOf(json: string, name: string): string {
  const slot = slots.get(name) as number
  const start = members.start(slot)
  return start < 0 ? '' : json.slice(start, members.end(slot))
}

/** Nothing of the line is missing any more. A quote in a text has a backslash, so that no text looks like a mark. */
function closed(json: string): string {
  return json.replace(openMark, (mark, name) => (name === undefined ? mark.replace('false', 'true') : `"${name}":"F"`))
}
