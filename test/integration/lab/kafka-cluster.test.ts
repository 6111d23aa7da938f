import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('kafka').describe('a Kafka cluster of the lab', () => {
  let cluster: KafkaCluster

  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3 })
  })

  afterAll(() => cluster?.stop())

  test('every node listens at its bootstrap address', async () => {
    const addresses = cluster.bootstrap.split(',')
    expect(addresses).toHaveLength(3)
    expect(await Promise.all(addresses.map(accepts))).toEqual([true, true, true])
  })

  test('a killed node refuses connections until it is restarted on its data', async () => {
    const [first = ''] = cluster.bootstrap.split(',')
    await cluster.kill(1)
    expect(await accepts(first)).toBe(false)
    await cluster.restart(1)
    expect(await accepts(first)).toBe(true)
  })
})

function accepts(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
