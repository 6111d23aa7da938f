import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { blocksOf, readPages, readText, regionOf, root } from './markdown.ts'

const pages = readPages()
const blocks = pages.flatMap(blocksOf).filter(({ info }) => info.startsWith('ts'))

/** As a user of the package writes it. */
function asUser(code: string): string {
  return code
    .replaceAll("'../../src/index.ts'", "'millrace'")
    .replaceAll("'../../src/ops/index.ts'", "'millrace/ops'")
    .replaceAll("'../../src/alerts/index.ts'", "'millrace/alerts'")
    .replaceAll("'../../src/detection/index.ts'", "'millrace/detection'")
    .replaceAll("'../../src/replay/index.ts'", "'millrace/replay'")
    .replaceAll("'../../src/pipelines/index.ts'", "'millrace/pipelines'")
    .replaceAll("'../../src/sinks/index.ts'", "'millrace/sinks'")
    .replaceAll("'../../src/testing/index.ts'", "'millrace/testing'")
    .replaceAll("'../react/index.ts'", "'@millrace/react'")
    .replaceAll("'../react/styles.css'", "'@millrace/react/styles.css'")
}

describe('TypeScript in the pages', () => {
  test.each(blocks.map((block) => [`${block.page}: ${block.info}`, block] as const))(
    '%s is what the named file says',
    (_, { info, code }) => {
      const [, file, region] = /^tsx? file=(\S+)#(\S+)$/.exec(info) ?? []
      const source = readText(file ?? 'a block of TypeScript needs file=path#region')
      expect(code).toBe(asUser(regionOf(source, region ?? '') ?? `no region ${region} in ${file}`))
    },
  )
})

/** Whether npm packs the file or folder; the license, the README and package.json come along unasked. */
function isPacked(path: string): boolean {
  const { files } = JSON.parse(readText('package.json')) as { readonly files: readonly string[] }
  const names = [...files, 'README.md', 'LICENSE', 'package.json']
  return names.some((name) => path === name || path.startsWith(`${name}/`)) && !names.includes(`!${path}`)
}

/** Relative targets, without their anchors. */
function linksOf(text: string): readonly string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')
}

/** Anchors of the headings of a page, as GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Targets with an anchor, each as page and anchor; the page is empty where the anchor is on the same page. */
function anchorLinksOf(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].map(([, page = '', anchor = '']) => [
    page,
    anchor,
  ])
}

describe('names in the pages', () => {
  test.each(pages.map((page) => [page.name, page] as const))('%s links to pages that exist', (name, { text }) => {
    const links = linksOf(text)
    expect(links.filter((link) => !existsSync(join(root, dirname(name), link)))).toEqual([])
  })

  test.each(pages.map((page) => [page.name, page] as const))('%s links to headings that exist', (name, { text }) => {
    const dead = anchorLinksOf(text).filter(([page, anchor]) => {
      const target = page === '' ? text : readText(join(dirname(name), page))
      return !anchorsOf(target).includes(anchor)
    })
    expect(dead).toEqual([])
  })

  test.each(pages.map((page) => [page.name, page] as const))('%s links to what is packed', (name, { text }) => {
    expect(linksOf(text).filter((link) => !isPacked(join(dirname(name), link)))).toEqual([])
  })

  test.each(pages.map((page) => [page.name, page] as const))('%s names files that exist', (_, { text }) => {
    const path = /`((?:src|fleet|topologies|schemas|workers|test|bench|scripts|helm|docs|ops)\/[\w./-]+)`/g
    const paths = [...text.matchAll(path)].map((match) => match[1] ?? '')
    expect(paths.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })
})
