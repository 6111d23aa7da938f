import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Value = string | number | readonly Value[] | { readonly [name: string]: Value }

/** Numbers of types in the format of MaxMind. */
const types = { text: 2, double: 3, uint32: 6, map: 7, array: 11 } as const
const lastPlainType = 7
const separatorBytes = 16
const mark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** What a database knows: one network, and what it says of it. */
interface Content {
  readonly type: string
  readonly ipVersion: 4 | 6
  /** The first bytes of its addresses. */
  readonly network: readonly number[]
  readonly value: Value
}

const berlin: Value = {
  city: { names: { en: 'Berlin' } },
  country: { iso_code: 'DE' },
  location: { latitude: 52.52, longitude: 13.405 },
}
const contents = {
  city: { type: 'City', ipVersion: 4, network: [203, 0, 113], value: berlin },
  'city-of-ipv6': { type: 'City', ipVersion: 6, network: [0x20, 0x01, 0x0d, 0xb8], value: berlin },
  systems: {
    type: 'ASN',
    ipVersion: 4,
    network: [203, 0, 113],
    value: { autonomous_system_number: 64_496, autonomous_system_organization: 'Example' },
  },
} as const satisfies Record<string, Content>

/**
 * The file of a database that knows one network: the city of 203.0.113.0/24 or of 2001:db8::/32, or the autonomous system
 * of 203.0.113.0/24. It is removed when the process ends.
 */
export function lookupDatabase(content: keyof typeof contents = 'city'): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, `${content}.mmdb`)
  writeFileSync(file, database(contents[content]))
  return file
}

/** A tree with one node for each bit of the network, whose other sides are empty; then its value, then what it is. */
function database({ type, ipVersion, network, value }: Content): Buffer {
  const bits = network.flatMap((byte) => Array.from({ length: 8 }, (_, index) => (byte >> (7 - index)) & 1))
  const empty = bits.length
  const nodes = bits.flatMap((bit, index) => {
    const next = index === bits.length - 1 ? empty + separatorBytes : index + 1
    return bit === 0 ? [next, empty] : [empty, next]
  })
  const tree = Buffer.concat(nodes.map((node) => Buffer.from([node >> 16, (node >> 8) & 0xff, node & 0xff])))
  const metadata: Value = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_795_507_200,
    database_type: type,
    description: { en: 'one network' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: bits.length,
    record_size: 24,
  }
  return Buffer.concat([tree, Buffer.alloc(separatorBytes), encoded(value), mark, encoded(metadata)])
}

function encoded(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(types.text, value.length), Buffer.from(value)])
  if (typeof value === 'number') return encodedNumber(value)
  if (isList(value)) return Buffer.concat([control(types.array, value.length), ...value.map(encoded)])
  const members = Object.entries(value)
  return Buffer.concat([control(types.map, members.length), ...members.flat().map(encoded)])
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function encodedNumber(value: number): Buffer {
  const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8)
  if (Number.isInteger(value)) bytes.writeUInt32BE(value)
  else bytes.writeDoubleBE(value)
  return Buffer.concat([control(Number.isInteger(value) ? types.uint32 : types.double, bytes.length), bytes])
}

/** A size of 29 and more is what its own byte says, plus 29. */
function control(type: number, size: number): Buffer {
  const [kept, more] = size < 29 ? [size, []] : [29, [size - 29]]
  if (type <= lastPlainType) return Buffer.from([(type << 5) | kept, ...more])
  return Buffer.from([kept, type - lastPlainType, ...more])
}
