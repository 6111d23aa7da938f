import type { Random } from './random.ts'

const broken: readonly Uint8Array[] = [
  Buffer.from('{"level":"info","message":"cut off in the mid'),
  Buffer.from('{"level":"info",}'),
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  Buffer.from([0x00, 0x00, 0x00, 0x7f, 0xff, 0x01]),
]

/**
 * Records as broken producers send them: cut and wrong JSON and invalid UTF-8, which become documents tagged
 * `_parse_failure`, and an Avro frame of a schema nobody knows, which becomes a dead letter.
 */
export function brokenValue(random: Random): Uint8Array {
  return random.pick(broken)
}
