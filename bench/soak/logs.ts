import { closeSync, copyFileSync, existsSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { seeded } from '../../src/core/random.ts'
import { stampOf } from '../support/stamp.ts'

export interface Pace {
  readonly dir: string
  readonly files: number
  /** Lines a second, over all files. */
  readonly rate: number
  readonly seed: number
}

const TICK_MS = 50
/** Each file is rotated this often; the files take turns. */
const ROTATE_EVERY_MS = 60_000
/** Rotated files that are kept; older ones have long been read. */
const ROTATED_KEPT = 4
const ATTACK_SHARE = 0.01
/** So long the same clients attack; then others do. */
const ATTACKERS_MS = 20_000
const ATTACKERS = 5
const PAGES = 300
const CLIENTS = 2_000
const HOWS = ['rename', 'copytruncate', 'gzip'] as const
const compress = promisify(gzip)

/** Log files that grow at a steady rate and are rotated. */
export class Logs {
  lines = 0
  /** Every attack has a number, from 0 on. */
  attacks = 0
  rotations = 0
  readonly #pace: Pace
  readonly #random: () => number
  readonly #fds: number[]

  constructor(pace: Pace) {
    this.#pace = pace
    this.#random = seeded(pace.seed)
    this.#fds = Array.from({ length: pace.files }, (_, file) => openSync(this.#path(file), 'a'))
  }

  /** Writes until that much time has passed. A late tick is made up for. */
  async write(durationMs: number): Promise<void> {
    const { files, rate } = this.#pace
    const began = performance.now()
    for (let passed = 0; passed < durationMs; passed = performance.now() - began) {
      this.#append(Math.floor((passed * rate) / 1000) - this.lines)
      const due = Math.floor((passed * files) / ROTATE_EVERY_MS)
      while (this.rotations < due) await this.#rotate(this.rotations++ % files)
      await pause(TICK_MS)
    }
    for (const fd of this.#fds) closeSync(fd)
  }

  #append(count: number): void {
    const texts = this.#fds.map(() => '')
    for (let i = 0; i < count; i++) texts[Math.floor(this.#random() * texts.length)] += this.#line(Date.now())
    for (const [file, text] of texts.entries()) if (text !== '') writeSync(this.#fds[file], text)
    this.lines += count
  }

  #line(now: number): string {
    const [one, other, third] = [this.#random(), this.#random(), this.#random()]
    const attack = third < ATTACK_SHARE
    const period = Math.floor(now / ATTACKERS_MS)
    const client = attack
      ? `10.${period % 250}.${Math.floor(period / 250) % 250}.${Math.floor(one * ATTACKERS)}`
      : `198.18.${Math.floor(one * one * CLIENTS) >> 8}.${Math.floor(one * one * CLIENTS) & 255}`
    const target = attack
      ? `/item?soak=${this.attacks++}&id=1%27%20UNION%20SELECT%20password%20FROM%20users--%20`
      : `/pages/${Math.floor(other * other * PAGES)}`
    return `${client} - - [${stampOf(now)}] "GET ${target} HTTP/1.1" 200 ${1000 + Math.floor(other * 900)} "-" "Mozilla/5.0 (X11; Linux x86_64)"\n`
  }

  /** Each file is always rotated in the same way. The writer keeps to it: nothing is written between copy and truncation. */
  async #rotate(file: number): Promise<void> {
    const path = this.#path(file)
    const how = HOWS[file % HOWS.length]
    rmSync(rotated(path, ROTATED_KEPT, how), { force: true })
    for (let age = ROTATED_KEPT - 1; age >= 1; age--) {
      const from = rotated(path, age, how)
      if (!existsSync(from)) continue
      if (how === 'gzip' && age === 1) await gzipTo(from, rotated(path, 2, how))
      else renameSync(from, rotated(path, age + 1, how))
    }
    if (how === 'copytruncate') {
      copyFileSync(path, `${path}.1`)
      ftruncateSync(this.#fds[file])
      return
    }
    renameSync(path, `${path}.1`)
    closeSync(this.#fds[file])
    this.#fds[file] = openSync(path, 'a')
  }

  #path(file: number): string {
    return join(this.#pace.dir, `site-${file}.access.log`)
  }
}

/** The newest rotated file stays plain, as logrotate's `delaycompress` leaves it. */
function rotated(path: string, age: number, how: (typeof HOWS)[number]): string {
  return how === 'gzip' && age > 1 ? `${path}.${age}.gz` : `${path}.${age}`
}

async function gzipTo(from: string, to: string): Promise<void> {
  await writeFile(`${to}.tmp`, await compress(await readFile(from)))
  renameSync(`${to}.tmp`, to)
  rmSync(from)
}
