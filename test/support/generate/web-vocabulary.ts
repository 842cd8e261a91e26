import type { Chance } from './chance.ts'

/** Words, paths, agents and referers of a generated web site, made once per log. */

const ADJECTIVES =
  'blue red small large old new fast quiet bright dark round soft wild plain warm cold fresh light deep thin'.split(' ')
const NOUNS =
  'mug lamp chair table bag pen book clock shirt coat shoe plant frame bowl rug desk shelf kettle towel mirror'.split(
    ' ',
  )
const TOPICS = 'gardening cooking travel music design history science health sport family money cars'.split(' ')

export interface WebVocabulary {
  readonly clients: readonly string[]
  readonly pages: readonly string[]
  readonly assets: readonly string[]
  readonly agents: readonly string[]
  readonly bots: readonly string[]
  readonly referers: readonly string[]
}

export function createWebVocabulary(chance: Chance): WebVocabulary {
  return {
    clients: createClients(chance, 60_000),
    pages: createPages(chance),
    assets: createAssets(),
    agents: createAgents(chance, 3000),
    bots: createBots(),
    referers: createReferers(chance, 3000),
  }
}

/** Addresses of 198.18.0.0/15, which is set aside for benchmarks (RFC 2544), every twentieth of 2001:db8::/32 (RFC 3849). */
function createClients(chance: Chance, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (i % 20 === 19) return `2001:db8:${(i & 0xffff).toString(16)}::${(1 + chance.below(0xfffe)).toString(16)}`
    // An odd factor permutes the 17 bits, so that neighbours in rank are none in address.
    const host = (i * 40_503) & 0x1ffff
    return `198.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`
  })
}

function createPages(chance: Chance): string[] {
  const pages = [
    '/',
    '/about',
    '/contact',
    '/cart',
    '/login',
    '/account/orders',
    '/sitemap.xml',
    '/feed',
    '/robots.txt',
  ]
  for (let i = 0; i < 3000; i++) pages.push(`/product/${1000 + i}/${chance.pick(ADJECTIVES)}-${chance.pick(NOUNS)}`)
  for (let i = 0; i < 1500; i++)
    pages.push(`/blog/${2012 + (i % 12)}/${chance.pick(TOPICS)}-${chance.pick(NOUNS)}-${i}`)
  for (const topic of TOPICS) for (let page = 1; page <= 25; page++) pages.push(`/category/${topic}?page=${page}`)
  for (let i = 0; i < 800; i++)
    pages.push(`/search?q=${chance.pick(ADJECTIVES)}+${chance.pick(NOUNS)}&sort=${i % 2 ? 'price' : 'name'}`)
  for (let i = 0; i < 400; i++) pages.push(`/api/v1/items/${i}?fields=id,name,price&lang=${i % 3 ? 'en' : 'de'}`)
  return shuffle(pages, chance)
}

function createAssets(): string[] {
  const assets = [
    '/favicon.ico',
    '/static/site.css',
    '/static/app.js',
    '/static/vendor.js',
    '/static/fonts/inter.woff2',
  ]
  for (let i = 0; i < 600; i++) assets.push(`/images/${i % 40}/${(i * 2_654_435_761) >>> 8}.jpg`)
  return assets
}

const PLATFORMS = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
  'Linux; Android 14; Pixel 8',
  'Linux; Android 13; SM-S911B',
  'Linux; Android 10; K',
  'Windows NT 6.1; WOW64',
]

function createAgents(chance: Chance, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const major = 60 + chance.below(64)
    const build = `${major}.0.${chance.below(6000)}.${chance.below(200)}`
    const platform = PLATFORMS[i % PLATFORMS.length]
    switch (i % 5) {
      case 0:
        return `Mozilla/5.0 (${platform}; rv:${major}.0) Gecko/20100101 Firefox/${major}.0`
      case 1:
        return `Mozilla/5.0 (iPhone; CPU iPhone OS ${10 + (i % 8)}_${i % 7} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${10 + (i % 8)}.${i % 7} Mobile/15E148 Safari/604.1`
      case 2:
        return `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${build} Safari/537.36 Edg/${build}`
      default:
        return `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${build} Safari/537.36`
    }
  })
}

function createBots(): string[] {
  return Array.from({ length: 40 }, (_, i) => {
    return i % 4 === 3
      ? `curl/8.${i}.0`
      : `Mozilla/5.0 (compatible; ExampleBot${i}/2.${i % 10}; +https://bot${i}.example/about)`
  })
}

function createReferers(chance: Chance, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return `https://search.example/?q=${chance.pick(ADJECTIVES)}+${chance.pick(NOUNS)}`
    return `https://site${i}.example/${chance.pick(TOPICS)}/${i % 17}`
  })
}

function shuffle(items: string[], chance: Chance): string[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = chance.below(i + 1)
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
