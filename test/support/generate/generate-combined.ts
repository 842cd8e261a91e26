import { ATTACK_TARGETS, SCANNER_AGENTS, SCANNER_PATHS } from './attacks.ts'
import { Chance, Zipf } from './chance.ts'
import type { LineWriter } from './generate.ts'
import { LogClock } from './log-clock.ts'
import { LogTimes } from './times.ts'
import { createWebVocabulary, type WebVocabulary } from './web-vocabulary.ts'

const START = Date.UTC(2024, 0, 1) / 1000
const RATE = 12
const ACTIVE_SESSIONS = 300
const ATTACK_SHARE = 0.005
const ALL_ATTACKS: readonly string[] = Object.values(ATTACK_TARGETS).flat()

/** A visitor of the site: has a User-Agent, requests pages one after another, and leaves. */
interface Session {
  client: string
  agent: string
  referer: string
  page: string
  left: number
  bot: boolean
}

/** An attacker works through a few dozen requests; meanwhile all attack lines are theirs. */
interface Attacker {
  client: string
  agent: string
  scanner: boolean
  left: number
}

/** Lines in the Combined format. */
export class CombinedWriter implements LineWriter {
  readonly header = ''
  attacks = 0
  readonly #chance: Chance
  readonly #clock: LogClock
  readonly #times = new LogTimes()
  readonly #words: WebVocabulary
  readonly #clients: Zipf
  readonly #pages: Zipf
  readonly #sessions: Session[]
  #attacker: Attacker

  constructor(seed: number) {
    this.#chance = new Chance(seed)
    this.#words = createWebVocabulary(this.#chance)
    this.#clock = new LogClock(this.#chance, START, RATE)
    this.#clients = new Zipf(this.#chance, this.#words.clients.length, 0.85)
    this.#pages = new Zipf(this.#chance, this.#words.pages.length, 1.0)
    this.#sessions = Array.from({ length: ACTIVE_SESSIONS }, () => this.#arrive())
    this.#attacker = this.#newAttacker()
  }

  next(): string {
    this.#clock.tick()
    return this.#chance.unit() < ATTACK_SHARE ? this.#attack() : this.#visit()
  }

  #visit(): string {
    const chance = this.#chance
    const session = this.#sessions[chance.below(ACTIVE_SESSIONS)]
    if (session.left-- <= 0) Object.assign(session, this.#arrive())
    const asset = !session.bot && session.page !== '' && chance.unit() < 0.55
    const target = asset ? chance.pick(this.#words.assets) : this.#words.pages[this.#pages.draw()]
    const referer = asset ? `https://shop.example${session.page}` : session.referer
    if (!asset) {
      session.page = target
      if (!session.bot) session.referer = `https://shop.example${target}`
    }
    const draw = chance.unit()
    const method = draw < 0.04 && !asset ? 'POST' : draw > 0.985 ? 'HEAD' : 'GET'
    return this.#line(session.client, method, target, this.#status(asset), referer, session.agent)
  }

  #status(asset: boolean): number {
    const draw = this.#chance.unit()
    if (asset) return draw < 0.35 ? 304 : 200
    if (draw < 0.9) return 200
    if (draw < 0.95) return 302
    if (draw < 0.985) return 404
    return draw < 0.995 ? 403 : 500
  }

  #attack(): string {
    const chance = this.#chance
    this.attacks++
    if (this.#attacker.left-- <= 0) this.#attacker = this.#newAttacker()
    const { client, agent, scanner } = this.#attacker
    const target = chance.pick(scanner ? SCANNER_PATHS : ALL_ATTACKS)
    return this.#line(client, 'GET', target, scanner ? 404 : chance.unit() < 0.2 ? 200 : 403, '-', agent)
  }

  #line(client: string, method: string, target: string, status: number, referer: string, agent: string): string {
    const size =
      status === 304 || method === 'HEAD' ? '-' : 180 + ((target.length * 7919) % 40_000) + this.#chance.below(64)
    const time = this.#times.apache(this.#clock.now)
    return `${client} - - [${time}] "${method} ${target} HTTP/1.1" ${status} ${size} "${referer}" "${agent}"`
  }

  #arrive(): Session {
    const chance = this.#chance
    const rank = this.#clients.draw()
    const bot = rank % 50 === 7
    const agents = bot ? this.#words.bots : this.#words.agents
    return {
      client: this.#words.clients[rank],
      // A client keeps its agent.
      agent: agents[(rank * 31) % agents.length],
      referer: bot || chance.unit() < 0.5 ? '-' : chance.pick(this.#words.referers),
      page: '',
      left: bot ? 40 + chance.below(200) : 1 + chance.below(20),
      bot,
    }
  }

  #newAttacker(): Attacker {
    const chance = this.#chance
    const scanner = chance.unit() < 0.4
    return {
      client: `203.0.113.${1 + chance.below(254)}`,
      agent: chance.unit() < 0.6 ? chance.pick(SCANNER_AGENTS) : chance.pick(this.#words.agents),
      scanner,
      left: 5 + chance.below(60),
    }
  }
}
