import { join } from 'node:path'
import { kubernetesUnavailable } from '../../scripts/kubernetes/install.mjs'
import { elapsedLines } from '../elapsed-lines.ts'
import { KubernetesLab } from './lab.ts'
import { runScale } from './scale-run.ts'

const say = elapsedLines()

const reason = kubernetesUnavailable()
if (reason !== undefined) {
  say(reason)
  process.exit(2)
}
const lab = await KubernetesLab.start({ image: join(import.meta.dirname, '../..') })
say('a broker, kube-apiserver, its controllers and KEDA run')
let ok = false
try {
  const account = await runScale(lab, { logsPerSecond: 2000, upgrade: true, say })
  const { sent, outputs, replicas, upgradePause, exitCodes, faults } = account
  say(`replicas              ${replicas.join(' -> ')}`)
  say(`logs sent             ${sent}`)
  say(`events delivered      ${outputs.events} in ${outputs.documents} documents`)
  say(`pods that ended       ${exitCodes.length}, with codes ${[...new Set(exitCodes)].join(', ')}`)
  say(
    `longest pause         ${Math.round(upgradePause?.forMs ?? 0)} ms (partition ${upgradePause?.partition}), commits each 2000 ms`,
  )
  for (const fault of faults) say(`FAULT: ${fault}`)
  ok = faults.length === 0
} catch (error) {
  say(`FAULT: ${(error as Error).message}; logs are in ${lab.folder}`)
} finally {
  await lab.stop()
}
say(ok ? 'the account adds up' : 'THE ACCOUNT DOES NOT ADD UP')
process.exit(ok ? 0 : 1)
