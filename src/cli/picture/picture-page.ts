import type { Topology } from '../../topology/topology.ts'
import { arrowPath } from '../../topology/picture/arrow-path.ts'
import {
  type Layout,
  layeredLayout,
  lineSizes,
  type PlacedArrow,
  type PlacedItem,
} from '../../topology/picture/layered-layout.ts'
import { pictureGraph } from '../../topology/picture/picture-graph.ts'

/** One page with the picture of a topology and its text: it opens in a browser without a network. */
export function picturePage(name: string, topology: Topology): string {
  const layout = layeredLayout(pictureGraph(topology))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(name)}</h1>
<p class="legend">${legend(topology)}</p>
${svg(layout)}
<details><summary>As text</summary><pre>${escaped(topology.describe())}</pre></details>
</body>
</html>
`
}

const colors = ['#dbeafe', '#dcfce7', '#fef9c3', '#fae8ff', '#ffedd5', '#e0e7ff', '#ccfbf1', '#fee2e2']
const topicColor = '#ffffff'
const { itemHeight } = lineSizes

const style = `
body { font: 14px system-ui, sans-serif; margin: 24px; color: #111; background: #fff; }
h1 { font-size: 20px; }
svg { max-width: 100%; height: auto; }
svg text { font: 12px ui-monospace, monospace; text-anchor: middle; dominant-baseline: central; }
.item { stroke: #444; }
.topic .item { stroke-width: 2; }
.store .item { stroke-dasharray: 4 3; }
path.arrow { fill: none; stroke: #666; }
path.store { stroke-dasharray: 4 3; }
.legend span { display: inline-block; padding: 2px 8px; margin-right: 8px; border: 1px solid #444; border-radius: 4px; }
pre { font: 12px ui-monospace, monospace; }
`

function legend({ subtopologies }: Topology): string {
  const parts = subtopologies.map(
    ({ id, global }) =>
      `<span style="background:${colorOf(id)}">${global ? 'global subtopology' : 'subtopology'} ${id}</span>`,
  )
  return [...parts, '<span>topic: bold frame</span>', '<span>store: dashed frame</span>'].join('')
}

function svg({ items, arrows, width, height }: Layout): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#666"/></marker></defs>
${arrows.map(arrow).join('\n')}
${items.map(item).join('\n')}
</svg>`
}

function arrow(placed: PlacedArrow): string {
  const path = arrowPath(placed, itemHeight)
  if (path === '') return ''
  const { kind } = placed
  return `<path class="arrow ${kind}" d="${path}"${kind === 'records' ? ' marker-end="url(#tip)"' : ''}/>`
}

function item({ kind, text, hint, subtopology, x, y, width }: PlacedItem): string {
  const radius = kind === 'topic' || kind === 'store' ? itemHeight / 2 : 4
  const color = subtopology === undefined ? topicColor : colorOf(subtopology)
  const frame = `x="${round(x - width / 2)}" y="${round(y - itemHeight / 2)}" width="${round(width)}" height="${itemHeight}" rx="${radius}"`
  return `<g class="${kind}"><title>${escaped(hint)}</title><rect class="item" ${frame} fill="${color}"/><text x="${round(x)}" y="${round(y)}">${escaped(text)}</text></g>`
}

function colorOf(subtopology: number): string {
  return colors[subtopology % colors.length] ?? topicColor
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
