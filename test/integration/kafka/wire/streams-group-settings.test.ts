import { expect, test } from '@jest/globals'
import { describeConfigsApi } from '../../../../src/kafka/wire/protocol/generated/describe-configs.ts'
import { incrementalAlterConfigsApi } from '../../../../src/kafka/wire/protocol/generated/incremental-alter-configs.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { uniqueName, until } from './brokers.ts'
import { eachGroupRig, type GroupRig } from './group-rig.ts'
import { topologyOf } from './test-member.ts'

const groupResource = 32

requireServer('kafka').describe('the settings of members of a streams group on a real broker', () => {
  let rig: GroupRig
  eachGroupRig(
    (made) => {
      rig = made
    },
    { protocol: 'streams', heartbeatIntervalMs: 500 },
  )

  async function settingsOf(groupId: string): Promise<Record<string, string | null>> {
    const body = { resources: [{ resourceType: groupResource, resourceName: groupId, configurationKeys: null }] }
    const { results } = await rig.open().requestAny(describeConfigsApi, body)
    const names = /^streams\.(session|heartbeat|num\.standby|assignment\.interval)/
    const configs = results.flatMap((result) => result.configs).filter(({ name }) => names.test(name))
    return Object.fromEntries(configs.map(({ name, value }) => [name, value]))
  }

  test('as configs of the group, with no time between assignments', async () => {
    const groupId = uniqueName('group')
    const more = { sessionTimeoutMs: 7_000, heartbeatIntervalMs: 600, standbyReplicas: 1 }
    rig.join('a', groupId, topologyOf([await rig.newTopic(1)]), more)
    await rig.settle(1)
    await until('they are set', async () => (await settingsOf(groupId))['streams.session.timeout.ms'] === '7000')
    expect(await settingsOf(groupId)).toEqual({
      'streams.session.timeout.ms': '7000',
      'streams.heartbeat.interval.ms': '600',
      'streams.num.standby.replicas': '1',
      'streams.assignment.interval.ms': '0',
    })
  })

  test('but for a time between assignments that somebody has set', async () => {
    const groupId = uniqueName('group')
    const configs = [{ name: 'streams.assignment.interval.ms', value: '700', configOperation: 0 }]
    const body = { resources: [{ resourceType: groupResource, resourceName: groupId, configs }], validateOnly: false }
    await rig.open().requestAny(incrementalAlterConfigsApi, body)
    rig.join('a', groupId, topologyOf([await rig.newTopic(1)]))
    await rig.settle(1)
    expect(await settingsOf(groupId)).toMatchObject({ 'streams.assignment.interval.ms': '700' })
  })

  test('and those of the broker, where it refuses them, which is logged', async () => {
    const groupId = uniqueName('group')
    const logger = new RecordingLogger()
    const more = { sessionTimeoutMs: 1_000, heartbeatIntervalMs: 100 }
    rig.join('a', groupId, topologyOf([await rig.newTopic(1)]), more, rig.open({ logger }))
    await rig.settle(1)
    const lines = logger.lines.filter(({ message }) => message.includes('could not be changed'))
    expect(lines.map(({ level, fields }) => [level, fields['setting']])).toEqual([
      ['warn', 'streams.session.timeout.ms'],
      ['info', 'streams.heartbeat.interval.ms'],
    ])
    expect(await settingsOf(groupId)).toMatchObject({ 'streams.assignment.interval.ms': '0' })
  })
})
