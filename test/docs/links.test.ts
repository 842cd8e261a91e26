import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const NOT_OURS = ['node_modules', 'dist', '.git', 'state', 'batch_outputs', 'logs']
const files = readdirSync(ROOT, { withFileTypes: true })
  .filter(({ name }) => !NOT_OURS.includes(name))
  .flatMap((entry) => (entry.isDirectory() ? below(entry.name) : [entry.name]))
const pages = files.filter((file) => file.endsWith('.md'))

test.each(pages)('%s links to files and headings that exist', (page) => {
  const broken = linksOf(page).filter((link) => !leadsSomewhere(page, link))
  expect(broken).toEqual([])
})

test.each(pages)('%s names files of the source that exist', (page) => {
  const named = [...prose(page).matchAll(/`([\w./-]+\.ts)`/g)].map(([, name]) => name)
  const exists = (name: string) => files.some((file) => `/${file}`.endsWith(`/${name.replace(/^[./]+/, '')}`))
  expect(named.filter((name) => !exists(name))).toEqual([])
})

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path, anchor] = link.split('#')
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), decodeURIComponent(path)))
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return false
  return anchor === undefined || (target.endsWith('.md') && anchorsOf(target).includes(anchor))
}

/** Links to our own files; those to other hosts are not asked for. */
function linksOf(page: string): string[] {
  const text = prose(page)
  const inline = [...text.matchAll(/\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)/g)]
  const referenced = [...text.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)]
  return [...inline, ...referenced].map(([, link]) => link).filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>()
  return [...prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
}

/** The page without its blocks of code. */
function prose(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
}
