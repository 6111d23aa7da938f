import { type ReactNode, useId, useMemo } from 'react'
import { arrowPath } from '../../../src/topology/picture/arrow-path.ts'
import { layeredLayout, type PlacedArrow, type PlacedItem } from '../../../src/topology/picture/layered-layout.ts'
import type { PictureGraph, PictureItem } from '../../../src/topology/picture/picture.ts'
import type { ApplicationFigures } from '../fleet/application-figures.ts'
import { type Edge, topicFiguresOf } from '../fleet/edges.ts'
import { countText, rateText } from '../fleet/figures-text.ts'
import { usePanZoom } from './use-pan-zoom.ts'

export interface TopologyPictureProps {
  readonly graph: PictureGraph
  readonly figures: ApplicationFigures
  readonly edges: readonly Edge[]
  /** The key of an edge. */
  readonly selected: string | undefined
  readonly onSelect: (edge: Edge) => void
}

const itemHeight = 44
const sizes = Object.freeze({
  itemHeight,
  layerHeight: 96,
  widthOf: (item: PictureItem) => Math.max(item.text.length * 7.3, figureLengthOf(item) * 6.7) + 24,
})
const colors = 8

/** The topology as a picture that can be moved, with what passes on its edges. The tables beside it say the same. */
export function TopologyPicture({ graph, figures, edges, selected, onSelect }: TopologyPictureProps): ReactNode {
  const layout = useMemo(() => layeredLayout(graph, sizes), [graph])
  const { area, view, zoom, fit, ...handlers } = usePanZoom(layout)
  const tip = useId()
  const byKey = new Map(edges.map((edge) => [edge.key, edge]))
  return (
    <div className="mr-picture">
      <div
        ref={area}
        className="mr-picture-area"
        role="group"
        aria-label="picture of the topology: arrow keys move it, plus and minus zoom, 0 shows all of it"
        tabIndex={0}
        {...handlers}
      >
        <svg width="100%" height="100%" role="img" aria-label={`topology of ${figures.id}`}>
          <defs>
            <marker id={tip} viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" className="mr-tip" />
            </marker>
          </defs>
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            {layout.arrows.map((arrow) => {
              const key = `${arrow.from} ${arrow.to}`
              return (
                <EdgeLine
                  key={key}
                  arrow={arrow}
                  edge={byKey.get(key)}
                  tip={tip}
                  selected={selected}
                  onSelect={onSelect}
                />
              )
            })}
            {layout.items.map((item) => (
              <Box key={item.id} item={item} figures={figures} />
            ))}
          </g>
        </svg>
      </div>
      <div className="mr-picture-buttons">
        <button type="button" aria-label="zoom in" onClick={() => zoom(1.25)}>
          +
        </button>
        <button type="button" aria-label="zoom out" onClick={() => zoom(0.8)}>
          −
        </button>
        <button type="button" onClick={fit}>
          Fit
        </button>
      </div>
    </div>
  )
}

interface EdgeLineProps extends Pick<TopologyPictureProps, 'selected' | 'onSelect'> {
  readonly arrow: PlacedArrow
  readonly edge: Edge | undefined
  /** The id of the marker at its end. */
  readonly tip: string
}

function EdgeLine({ arrow, edge, tip, selected, onSelect }: EdgeLineProps): ReactNode {
  const path = arrowPath(arrow, itemHeight)
  const [first, second] = arrow.points
  const isSelected = edge !== undefined && edge.key === selected
  const classes = ['mr-edge', `mr-edge-${arrow.kind}`]
  if ((edge?.perSecond ?? 0) > 0) classes.push('mr-flowing')
  if (isSelected) classes.push('mr-selected')
  return (
    <g className={classes.join(' ')} onClick={() => edge && onSelect(edge)}>
      {edge !== undefined && <title>{`${edge.from.text} → ${edge.to.text}`}</title>}
      <path d={path} className="mr-edge-near" />
      <path d={path} className="mr-edge-line" markerEnd={arrow.kind === 'records' ? `url(#${tip})` : undefined} />
      {edge?.perSecond !== undefined && first !== undefined && second !== undefined && (
        <text x={(first.x + second.x) / 2 + 6} y={(first.y + second.y) / 2}>
          {rateText(edge.perSecond)}
        </text>
      )}
    </g>
  )
}

function Box({ item, figures }: { readonly item: PlacedItem; readonly figures: ApplicationFigures }): ReactNode {
  const { kind, text, hint, subtopology, x, y, width } = item
  const color = subtopology === undefined ? '' : ` mr-part-${subtopology % colors}`
  return (
    <g className={`mr-box mr-box-${kind}${color}`}>
      <title>{hint}</title>
      <rect
        x={x - width / 2}
        y={y - itemHeight / 2}
        width={width}
        height={itemHeight}
        rx={kind === 'topic' || kind === 'store' ? itemHeight / 2 : 4}
      />
      <text x={x} y={y - 8}>
        {text}
      </text>
      <text x={x} y={y + 9} className="mr-box-figure">
        {figureOf(item, figures)}
      </text>
    </g>
  )
}

/** Of the second line: a kind of operator does not change, and numbers get so long at most. */
function figureLengthOf(item: PictureItem): number {
  return item.kind === 'topic' ? 20 : item.kind === 'store' ? 14 : kindOf(item).length
}

function kindOf({ hint, text }: PictureItem): string {
  return hint.slice(text.length + 2).split(',', 1)[0] ?? ''
}

function figureOf(item: PlacedItem, figures: ApplicationFigures): string {
  const { kind, text } = item
  if (kind === 'topic') {
    const topic = topicFiguresOf(item, figures)
    return topic === undefined ? '' : `${rateText(topic.writtenPerSecond)} in, lag ${countText(topic.lagRecords)}`
  }
  if (kind !== 'store') return kindOf(item)
  const store = figures.stores.find((one) => one.store === text)
  if (store === undefined) return ''
  return store.remaining > 0 ? `${countText(store.remaining)} to restore` : `${countText(store.rows)} rows`
}
