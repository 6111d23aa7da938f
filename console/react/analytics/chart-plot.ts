import uPlot from 'uplot'
import { type ChartSeries, stacked } from './chart-series.ts'
import { plotOptions, type PlotWish } from './plot-options.ts'

export interface ChartWish extends Omit<PlotWish, 'onStep'> {
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  /** Whether series are added up. */
  readonly isStacked: boolean
}

/** The plot of a chart: it is made again when its looks change, and gets new numbers otherwise. */
export class ChartPlot {
  readonly #onStep: PlotWish['onStep']
  #plot: uPlot | undefined
  #looks = ''
  #shown: ChartWish | undefined

  constructor(onStep: PlotWish['onStep']) {
    this.#onStep = onStep
  }

  /** Draws what is wished for, where something has changed. */
  update(place: HTMLElement, wish: ChartWish): void {
    const { series, kind, unit, stepMs, rangeMs, paint, width, height, syncKey } = wish
    const drawn = series.map(({ name, paint: color }) => [name, color])
    const looks = JSON.stringify([drawn, kind, unit, stepMs, rangeMs, paint, syncKey])
    const shown = this.#shown
    this.#shown = wish
    if (this.#plot === undefined || looks !== this.#looks) {
      this.#plot?.destroy()
      this.#plot = new uPlot(plotOptions({ ...wish, onStep: this.#onStep }), dataOf(wish), place)
      this.#looks = looks
      return
    }
    if (shown?.series !== series || shown.times !== wish.times) this.#plot.setData(dataOf(wish))
    if (shown?.width !== width) this.#plot.setSize({ width, height })
  }

  /** Moves the cursor to the step that begins then. */
  point(timeMs: number): void {
    this.#plot?.setCursor({ left: this.#plot.valToPos(timeMs, 'x'), top: 0 })
  }

  close(): void {
    this.#plot?.destroy()
    this.#plot = undefined
  }
}

function dataOf({ times, series, isStacked }: ChartWish): uPlot.AlignedData {
  return [times, ...(isStacked ? stacked(series) : series.map(({ values }) => values))] as uPlot.AlignedData
}
