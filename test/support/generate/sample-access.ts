import { ATTACK_TARGETS, SCANNER_PATHS } from './attacks.ts'
import { Chance, Zipf } from './chance.ts'
import { LogTimes } from './times.ts'

const START = Date.UTC(2024, 2, 5) / 1000
const DAYS = 2
const SESSIONS = 330

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0',
]
const BOT = 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)'
const CATEGORIES = ['mugs', 'posters', 'notebooks', 'bags', 'pens']
const WORDS = ['blue', 'mug', 'a5', 'gift', 'cotton', 'poster+frame', 'fountain+pen', 'tote', 'recycled', 'birthday']
const ASSETS = ['/static/site.css', '/static/site.js', '/static/logo.svg']

interface Line {
  readonly at: number
  readonly text: string
}

/** Two days of a small shop: about 2,000 ordinary requests, and about 30 of attackers. Combined format. */
export function accessSample(seed: number): string {
  const shop = new Shop(seed)
  for (let i = 0; i < SESSIONS; i++) shop.visit()
  shop.crawl()
  shop.attacks()
  return shop.text()
}

class Shop {
  readonly #chance: Chance
  readonly #clients: Zipf
  readonly #products: Zipf
  readonly #times = new LogTimes()
  readonly #lines: Line[] = []

  constructor(seed: number) {
    this.#chance = new Chance(seed)
    this.#clients = new Zipf(this.#chance, 180, 0.9)
    this.#products = new Zipf(this.#chance, 60, 1.1)
  }

  text(): string {
    this.#lines.sort((a, b) => a.at - b.at)
    return this.#lines.map((line) => `${line.text}\n`).join('')
  }

  /** One customer's way through the shop. */
  visit(): void {
    const chance = this.#chance
    const client = this.#clients.draw()
    const agent = AGENTS[client % AGENTS.length]
    const ip = client < 120 ? `198.51.100.${client + 10}` : `203.0.113.${client}`
    let at = START + chance.below(DAYS) * 86_400 + this.#hourOfDay() * 3600
    let referer = chance.unit() < 0.4 ? 'https://search.example/' : '-'
    const steps = 1 + Math.min(8, Math.floor(chance.wait(3)))
    for (let step = 0; step < steps; step++) {
      const [method, target, status, bytes] = this.#page(step)
      this.#add(at, ip, method, target, status, bytes, referer, agent)
      if (step === 0)
        for (const asset of ASSETS)
          this.#add(
            at + 1,
            ip,
            'GET',
            asset,
            chance.unit() < 0.5 ? 304 : 200,
            4000,
            `https://shop.example${target}`,
            agent,
          )
      referer = `https://shop.example${target}`
      at += 4 + chance.wait(35)
    }
  }

  #page(step: number): [method: string, target: string, status: number, bytes: number] {
    const chance = this.#chance
    const draw = chance.unit()
    if (step === 0 && draw < 0.6) return ['GET', '/', 200, 8900 + chance.below(300)]
    if (draw < 0.3)
      return [
        'GET',
        `/category/${chance.pick(CATEGORIES)}?page=${1 + chance.below(4)}`,
        200,
        12_000 + chance.below(4000),
      ]
    if (draw < 0.72) return ['GET', `/product?id=${100 + this.#products.draw()}`, 200, 9000 + chance.below(3000)]
    if (draw < 0.82) return ['GET', `/search?q=${chance.pick(WORDS)}`, 200, 7000 + chance.below(5000)]
    if (draw < 0.9) return ['POST', '/cart', 302, 0]
    if (draw < 0.94) return ['GET', '/account/orders', 200, 5200 + chance.below(900)]
    if (draw < 0.97) return ['POST', '/checkout', 302, 0]
    if (draw < 0.99) return ['GET', '/old-catalogue.html', 404, 512]
    return ['POST', '/checkout', 500, 310]
  }

  /** Shops sleep at night. */
  #hourOfDay(): number {
    for (;;) {
      const hour = this.#chance.unit() * 24
      if (this.#chance.unit() < 0.08 + 0.92 * Math.max(0, Math.sin(((hour - 6) / 18) * Math.PI))) return hour
    }
  }

  /** A polite crawler, which is no attacker. */
  crawl(): void {
    for (let i = 0; i < 90; i++) {
      const target = i % 30 === 0 ? '/robots.txt' : `/product?id=${100 + (i % 60)}`
      this.#add(START + i * 1900, '192.0.2.80', 'GET', target, 200, i % 30 === 0 ? 64 : 9500, '-', BOT)
    }
  }

  attacks(): void {
    const evening = START + 20 * 3600
    const browser = AGENTS[4]
    ATTACK_TARGETS.sqli.slice(0, 5).forEach((target, i) => {
      this.#add(
        evening + i * 7,
        '203.0.113.66',
        'GET',
        target,
        i === 1 ? 200 : 500,
        i === 1 ? 48_210 : 310,
        '-',
        'sqlmap/1.7.2#stable (https://sqlmap.org)',
      )
    })
    ATTACK_TARGETS.xss.slice(0, 3).forEach((target, i) => {
      this.#add(evening + 3600 + i * 40, '203.0.113.17', 'GET', target, 200, 7300, '-', browser)
    })
    ATTACK_TARGETS.path_traversal.slice(0, 3).forEach((target, i) => {
      this.#add(
        evening + 9000 + i * 11,
        '203.0.113.99',
        'GET',
        target,
        i === 0 ? 200 : 403,
        i === 0 ? 1820 : 199,
        '-',
        'curl/8.5.0',
      )
    })
    ATTACK_TARGETS.command_injection.slice(0, 2).forEach((target, i) => {
      this.#add(evening + 9100 + i * 15, '203.0.113.99', 'GET', target, 400, 226, '-', 'curl/8.5.0')
    })
    SCANNER_PATHS.slice(0, 14).forEach((target, i) => {
      this.#add(
        START + 99_000 + i * 0.4,
        '192.0.2.200',
        'GET',
        target,
        404,
        512,
        '-',
        'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000003)',
      )
    })
    ATTACK_TARGETS.sensitive_file.slice(0, 4).forEach((target, i) => {
      this.#add(
        START + 120_000 + i * 3,
        '192.0.2.201',
        'GET',
        target,
        i === 1 ? 200 : 404,
        i === 1 ? 263 : 512,
        '-',
        'Mozilla/5.0 zgrab/0.x',
      )
    })
    this.#line(
      START + 130_000,
      `192.0.2.202 - - [${this.#times.apache(START + 130_000)}] "\\x16\\x03\\x01\\x02\\x00\\x01\\x00" 400 226 "-" "-"`,
    )
  }

  #add(
    at: number,
    ip: string,
    method: string,
    target: string,
    status: number,
    bytes: number,
    referer: string,
    agent: string,
  ): void {
    const size = bytes === 0 || status === 304 ? '-' : bytes
    this.#line(
      at,
      `${ip} - - [${this.#times.apache(at)}] "${method} ${target} HTTP/1.1" ${status} ${size} "${referer}" "${agent}"`,
    )
  }

  #line(at: number, text: string): void {
    this.#lines.push({ at, text })
  }
}
