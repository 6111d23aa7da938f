import { Gauge, type Registry } from 'prom-client'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'

export type DefineGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: (set: Gauge<Label>, current: ApplicationStatus) => void,
) => void

/** Defines gauges that are read from the status whenever somebody asks; it is undefined until there is an application. */
export function gaugesOf(registry: Registry, status: () => ApplicationStatus | undefined): DefineGauge {
  return (name, help, labelNames, read) => {
    new Gauge({
      registers: [registry],
      name,
      help,
      labelNames: [...labelNames],
      collect() {
        this.reset()
        const current = status()
        if (current !== undefined) read(this, current)
      },
    })
  }
}
