import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { KubernetesLab } from '../../../bench/kubernetes/lab.ts'
import { runScale } from '../../../bench/kubernetes/scale-run.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('kafka', 'helm', 'kubernetes').describe('KEDA on a real API server and a real broker', () => {
  let lab: KubernetesLab

  beforeAll(async () => {
    lab = await KubernetesLab.start({ image: dirname(dirname(builtProgram('workers/application'))) })
  }, 300_000)

  afterAll(() => lab.stop())

  test('scales workers from 1 to 4 on lag and back to 1, and loses nothing', async () => {
    const said: string[] = []
    const account = await runScale(lab, { logsPerSecond: 1000, upgrade: false, say: (line) => said.push(line) })
    expect({ faults: account.faults, said }).toEqual({ faults: [], said })
    expect(account.outputs.events).toBe(account.sent)
    expect(account.replicas).toEqual([1, ...account.replicas.slice(1, -1), 1])
  }, 300_000)
})
