import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import type { GroupMemberOptions, GroupTopology } from '../../../../src/kafka/port.ts'
import type { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import type { ClusterOptions } from '../../../../src/kafka/wire/connection/cluster-options.ts'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { OpenClusters, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember } from './test-member.ts'

/** The members of one test, each with a cluster of its own, and the topics that they read. */
export class GroupRig {
  readonly admin: WireAdmin
  /** They leave when the test ends. */
  members: TestMember[] = []
  readonly #bootstrap: string
  readonly #options: Partial<GroupMemberOptions>
  readonly #clusters = new OpenClusters()

  /** `options`: of all members. */
  constructor(bootstrap: string, options: Partial<GroupMemberOptions> = {}) {
    this.#bootstrap = bootstrap
    this.#options = options
    this.admin = this.#clusters.admin(bootstrap)
  }

  open(options: Partial<ClusterOptions> = {}): Cluster {
    return this.#clusters.open(this.#bootstrap, options)
  }

  async newTopic(partitions: number): Promise<string> {
    const name = uniqueName('group-input')
    await this.admin.createTopics([{ name, partitions, replicationFactor: 1, configs: {} }], 20_000)
    return name
  }

  join(
    name: string,
    groupId: string,
    topology: GroupTopology,
    more: Partial<GroupMemberOptions> = {},
    cluster = this.open(),
  ): TestMember {
    const member = new TestMember(cluster, name, groupId, topology, { ...this.#options, ...more }).start()
    this.members.push(member)
    return member
  }

  /** Resolves when so many tasks run, each at one member. */
  async settle(count: number): Promise<void> {
    const all = Array.from({ length: count }, (_, partition) => `0_${partition}`)
    await until(`${count} tasks run once each`, () => runningTasks(this.members).join() === all.join())
  }

  /** How many active tasks each member has, the smallest first. */
  shares(): string {
    return this.members
      .map((member) => member.active.size)
      .sort()
      .join()
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.leave({ permanently: true })))
    this.#clusters.closeAll()
  }
}

/** Gives each test of a suite a rig, on a broker that they share. Called in `describe`. */
export function eachGroupRig(give: (rig: GroupRig) => void, options: Partial<GroupMemberOptions> = {}): void {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let rig: GroupRig
  beforeAll(async () => {
    kafka = await sharedKafka()
  })
  beforeEach(() => {
    rig = new GroupRig(kafka.bootstrap, options)
    give(rig)
  })
  afterEach(() => rig.close())
  afterAll(() => kafka?.stop())
}
