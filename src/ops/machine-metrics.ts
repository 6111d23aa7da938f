import { readFile, statfs } from 'node:fs/promises'
import { ownMemoryBytes } from '../core/own-memory.ts'
import { memoryBudgetOf } from '../runtime/memory-budget.ts'
import { Counter, Gauge, type Registry } from 'prom-client'

/** Where Linux counts the bytes of each network interface of this process's network namespace: of the pod, in a pod. */
const interfacesFile = '/proc/net/dev'

interface MachineOptions {
  readonly stateDirectory?: string | undefined
  readonly memoryMegabytesMax?: number | undefined
}

/** Network, memory and disk, read when somebody asks. Where the machine does not tell, they are absent. */
export function followMachine(registry: Registry, { stateDirectory, memoryMegabytesMax }: MachineOptions): void {
  const registers = [registry]
  new Counter({
    registers,
    name: 'millrace_network_bytes_total',
    help: 'Bytes of all network interfaces of the pod or machine, without loopback',
    labelNames: ['direction'],
    async collect() {
      this.reset()
      const bytes = await networkBytes()
      if (bytes === undefined) return
      this.inc({ direction: 'receive' }, bytes.received)
      this.inc({ direction: 'transmit' }, bytes.sent)
    },
  })
  new Gauge({
    registers,
    name: 'millrace_memory_bytes',
    help: 'Resident memory of the process without the pages of files, and the most that it should have',
    labelNames: ['kind'],
    collect() {
      this.reset()
      this.set({ kind: 'used' }, ownMemoryBytes())
      const budget = memoryBudgetOf({ memoryMegabytesMax })
      if (budget !== undefined) this.set({ kind: 'budget' }, budget.bytesMax)
    },
  })
  new Gauge({
    registers,
    name: 'millrace_state_disk_bytes',
    help: 'The file system of the state directory: its size, and the space that is free for this process',
    labelNames: ['kind'],
    async collect() {
      this.reset()
      const disk = stateDirectory === undefined ? undefined : await statfs(stateDirectory).catch(() => undefined)
      if (disk === undefined) return
      this.set({ kind: 'size' }, disk.blocks * disk.bsize)
      this.set({ kind: 'free' }, disk.bavail * disk.bsize)
    },
  })
}

async function networkBytes(): Promise<{ received: number; sent: number } | undefined> {
  const text = await readFile(interfacesFile, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  let [received, sent] = [0, 0]
  for (const line of text.split('\n')) {
    const [, name, counts] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || name === 'lo' || counts === undefined) continue
    const columns = counts.trim().split(/\s+/).map(Number)
    received += columns[0] ?? 0
    sent += columns[8] ?? 0
  }
  return { received, sent }
}
