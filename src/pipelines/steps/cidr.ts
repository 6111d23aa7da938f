import { BlockList, isIP } from 'node:net'
import { fieldPath } from '../field-path.ts'
import { at, each, PipelineMistake } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'
import { pathSchema } from './options.ts'

export interface CidrOptions {
  readonly field?: string
  /** Name to networks: the first name whose networks hold the address becomes the value. */
  readonly networks: Readonly<Record<string, readonly string[]>>
  readonly into: string
}

/** Names the network that an address belongs to. */
export const cidr: StepKind<CidrOptions> = {
  name: 'cidr',
  schema: {
    type: 'object',
    required: ['networks', 'into'],
    additionalProperties: false,
    properties: {
      field: { ...pathSchema, default: 'ip' },
      networks: {
        type: 'object',
        minProperties: 1,
        additionalProperties: { type: 'array', items: { type: 'string' }, minItems: 1 },
      },
      into: pathSchema,
    },
  },
  compile({ field = 'ip', networks, into }): Step {
    const [path, target] = [fieldPath(field), fieldPath(into)]
    const lists = each(Object.entries(networks), ([name, ranges]) => ({
      name,
      list: at(['networks', name], () => listOf(ranges)),
    }))
    return {
      name: 'cidr',
      apply(event) {
        const address = event.get(path)
        if (typeof address !== 'string') return 'next'
        const family = isIP(address)
        if (family === 0) return 'next'
        const found = lists.find(({ list }) => list.check(address, family === 4 ? 'ipv4' : 'ipv6'))
        if (found !== undefined) event.set(target, found.name)
        return 'next'
      },
    }
  },
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  each(ranges, (range, index) => {
    const [address = '', bits] = range.split('/')
    const family = isIP(address)
    if (family === 0) throw new PipelineMistake(`${range} is no network: write it as 10.0.0.0/8`, index)
    const bitsMax = family === 4 ? 32 : 128
    const length = bits === undefined ? bitsMax : Number(bits)
    if (!(Number.isInteger(length) && length >= 0 && length <= bitsMax))
      throw new PipelineMistake(`${range} is no network: write 0 to ${bitsMax} after the slash`, index)
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  })
  return list
}
