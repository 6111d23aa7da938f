import { describe, expect, test } from '@jest/globals'
import { EpochCauses } from '../../../../../../src/kafka/wire/group/streams/epoch-causes.ts'

/** A member that has joined an epoch 3 with these members; `topics` is what its source topics are, as text. */
async function joined(...members: readonly string[]) {
  const group = { topics: 'in 2' }
  const causes = new EpochCauses(async () => group.topics)
  causes.join({ cause: 'member-joined', detail: 'me' })
  expect(await causes.next(3, { epoch: 3, members })).toEqual({ cause: 'member-joined', detail: 'me' })
  return { causes, group }
}

describe('the cause of a new epoch', () => {
  test('is none while the epoch is the same', async () => {
    const { causes } = await joined('me')
    expect(await causes.next(3, { epoch: 3, members: ['me'] })).toBeUndefined()
  })

  test('is a member that came, by name', async () => {
    const { causes } = await joined('me')
    const rebalance = await causes.next(4, { epoch: 4, members: ['me', 'other'] })
    expect(rebalance).toEqual({ cause: 'member-joined', detail: 'other' })
  })

  test('is a member that is gone, by name', async () => {
    const { causes } = await joined('me', 'other')
    expect(await causes.next(4, { epoch: 4, members: ['me'] })).toEqual({ cause: 'member-left', detail: 'other' })
  })

  test('is a change of the source topics where the members are the same', async () => {
    const { causes, group } = await joined('me')
    group.topics = 'in 3'
    expect(await causes.next(4, { epoch: 4, members: ['me'] })).toEqual({ cause: 'topics-changed', detail: '' })
  })

  test('is unknown where nothing that members can see has changed', async () => {
    const { causes } = await joined('me')
    expect(await causes.next(4, { epoch: 4, members: ['me'] })).toEqual({ cause: 'unknown', detail: '' })
  })

  test('is unknown where topics cannot be looked up', async () => {
    const causes = new EpochCauses(() => Promise.reject(new Error('no broker answers')))
    causes.join({ cause: 'member-joined', detail: 'me' })
    await causes.next(3, { epoch: 3, members: ['me'] })
    expect(await causes.next(4, { epoch: 4, members: ['me'] })).toEqual({ cause: 'unknown', detail: '' })
  })

  test('is reported once where the description was ahead of the heartbeat', async () => {
    const { causes } = await joined('me')
    expect(await causes.next(4, { epoch: 5, members: ['me', 'other'] })).toMatchObject({ cause: 'member-joined' })
    expect(await causes.next(5, { epoch: 5, members: ['me', 'other'] })).toBeUndefined()
  })

  test('is found with the next description where the group could not be described', async () => {
    const { causes } = await joined('me')
    expect(await causes.next(4, undefined)).toMatchObject({ cause: 'unknown' })
    expect(await causes.next(5, { epoch: 5, members: ['me', 'other'] })).toMatchObject({ cause: 'member-joined' })
  })

  test('of a member that joins again is its own', async () => {
    const { causes } = await joined('me', 'other')
    causes.join({ cause: 'member-fenced', detail: 'after UNKNOWN_MEMBER_ID' })
    const rebalance = await causes.next(6, { epoch: 6, members: ['other', 'me again'] })
    expect(rebalance).toEqual({ cause: 'member-fenced', detail: 'after UNKNOWN_MEMBER_ID' })
  })
})
