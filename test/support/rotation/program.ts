import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FileAction, Setting } from './actions.ts'
import type { Ledger } from './ledger.ts'

/** What a file holds, as the model knows it. */
export interface Held {
  lines: string[]
  /** The unterminated line at its end. */
  partial: string
}

const BANNER = `${'#Fields: the same lines begin every file of this program\n'.repeat(11)}`

/** A program that writes a log, with what rotates it. Keeps account of what every file holds. */
export class Program {
  readonly #dir: string
  readonly #name: string
  readonly #setting: Setting
  readonly #ledger: Ledger
  readonly #held = new Map<string, Held>()
  #fd = -1
  #writing: Held = { lines: [], partial: '' }
  #position = 0
  #rest = ''
  #copying: 'no' | 'begun' | 'finished' = 'no'
  #compressing: { from: string; to: string } | undefined
  #moved = 0

  constructor(dir: string, name: string, setting: Setting, ledger: Ledger) {
    this.#dir = dir
    this.#name = name
    this.#setting = setting
    this.#ledger = ledger
    this.#create()
  }

  do(action: FileAction): void {
    switch (action.kind) {
      case 'write':
        this.#write(action.lines, action.padding)
        break
      case 'write_partial':
        this.#writePartial()
        break
      case 'rotate_rename':
        this.#rotate(action.reopen)
        break
      case 'reopen':
        this.#reopen()
        break
      case 'copytruncate':
        this.do({ kind: 'copy_begin' })
        this.do({ kind: 'copy_finish' })
        this.do({ kind: 'copy_truncate' })
        break
      case 'copy_begin':
        this.#copyBegin()
        break
      case 'copy_finish':
        this.#copyFinish()
        break
      case 'copy_truncate':
        this.#copyTruncate()
        break
      case 'compress':
        this.#compressBegin(action.age)
        this.#compressFinish()
        break
      case 'compress_begin':
        this.#compressBegin(action.age)
        break
      case 'compress_finish':
        this.#compressFinish()
        break
      case 'delete_rotated':
        this.#deleteRotated(action.age)
        break
      case 'recreate':
        this.#recreate()
        break
      case 'truncate':
        this.#truncate(action.lines)
        break
      case 'move_away':
        this.#moveAway(action.age)
        break
      case 'touch':
        this.#touch()
        break
      default:
        action satisfies never
    }
  }

  /** Brings what was begun to its end, so that every line is where it stays. */
  finish(): void {
    this.do({ kind: 'copy_finish' })
    this.do({ kind: 'copy_truncate' })
    this.do({ kind: 'compress_finish' })
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
  }

  /** Every file that is there. */
  held(): Held[] {
    return [...this.#held.values()]
  }

  get #live(): string {
    return join(this.#dir, this.#name)
  }

  #rotated(age: number): string {
    const plain = `${this.#live}.${age}`
    return this.#held.has(`${plain}.gz`) ? `${plain}.gz` : plain
  }

  #create(): void {
    this.close()
    const path = this.#live
    this.#fd = openSync(path, this.#setting.append ? 'a' : 'w')
    this.#position = 0
    this.#writing = { lines: [], partial: '' }
    this.#held.set(path, this.#writing)
    if (this.#setting.banner) this.#put(BANNER)
  }

  #put(text: string): void {
    if (this.#setting.append) {
      writeSync(this.#fd, text)
      return
    }
    this.#position += writeSync(this.#fd, text, this.#position)
  }

  #write(count: number, padding: number): void {
    if (this.#rest !== '') this.#complete(this.#rest)
    const lines = Array.from({ length: count }, () => this.#ledger.newLine(padding))
    this.#put(lines.map((line) => `${line}\n`).join(''))
    this.#writing.lines.push(...lines)
    this.#loseIfUnlinked(lines)
  }

  #writePartial(): void {
    if (this.#rest !== '') this.#complete(this.#rest)
    const [head, rest] = this.#ledger.newHalves()
    this.#put(head)
    this.#writing.partial = head
    this.#rest = rest
  }

  #complete(rest: string): void {
    this.#put(`${rest}\n`)
    const line = this.#writing.partial + rest
    this.#writing.partial = ''
    this.#rest = ''
    this.#writing.lines.push(line)
    this.#ledger.written(line)
    this.#loseIfUnlinked([line])
  }

  #loseIfUnlinked(lines: readonly string[]): void {
    if (!this.held().includes(this.#writing)) this.#ledger.mayBeLost(lines)
  }

  get #busy(): boolean {
    return this.#copying !== 'no' || this.#compressing !== undefined
  }

  /** Makes room for a new file of age 1. */
  #shift(): void {
    for (let age = this.#setting.keep; age >= 1; age--) {
      const path = this.#rotated(age)
      if (!this.#held.has(path)) continue
      if (age === this.#setting.keep) this.#remove(path)
      else this.#rename(path, path.replace(`.${age}`, `.${age + 1}`))
    }
  }

  #rename(from: string, to: string): void {
    renameSync(from, to)
    this.#held.set(to, this.#held.get(from)!)
    this.#held.delete(from)
  }

  #remove(path: string): void {
    rmSync(path)
    const held = this.#held.get(path)!
    this.#held.delete(path)
    this.#loseUnlessHeld(held.lines)
  }

  #loseUnlessHeld(lines: readonly string[]): void {
    const elsewhere = new Set(this.held().flatMap((held) => held.lines))
    this.#ledger.mayBeLost(lines.filter((line) => !elsewhere.has(line)))
  }

  #rotate(reopen: boolean): void {
    if (this.#busy || !this.#held.has(this.#live)) return
    this.#shift()
    this.#rename(this.#live, `${this.#live}.1`)
    if (reopen) this.#create()
  }

  #reopen(): void {
    if (!this.#held.has(this.#live)) this.#create()
  }

  #copyBegin(): void {
    if (this.#busy || !this.#held.has(this.#live)) return
    this.#shift()
    const bytes = readFileSync(this.#live)
    writeFileSync(`${this.#live}.1`, bytes.subarray(0, bytes.length >> 1))
    this.#copying = 'begun'
  }

  #copyFinish(): void {
    if (this.#copying !== 'begun') return
    const copy = `${this.#live}.1`
    const bytes = readFileSync(this.#live)
    const fd = openSync(copy, 'a')
    writeSync(fd, bytes, fstatSync(fd).size)
    closeSync(fd)
    this.#held.set(copy, { lines: [...this.#writing.lines], partial: this.#writing.partial })
    this.#copying = 'finished'
  }

  #copyTruncate(): void {
    if (this.#copying !== 'finished') return
    this.#copying = 'no'
    this.#empty()
  }

  /** Truncates and rewrites in one step, so that no reader sees it shorter. */
  #truncate(lines: number): void {
    if (this.#busy || this.#held.get(this.#live) !== this.#writing) return
    this.#empty()
    if (lines > 0) this.#write(lines, 20)
  }

  #empty(): void {
    truncateSync(this.#live, 0)
    const { lines } = this.#writing
    this.#writing.lines = []
    this.#writing.partial = ''
    this.#loseUnlessHeld(lines)
  }

  #compressBegin(age: number): void {
    const from = `${this.#live}.${age}`
    if (this.#busy || !this.#held.has(from) || this.#held.get(from) === this.#writing) return
    const packed = gzipSync(readFileSync(from))
    writeFileSync(`${from}.gz`, packed.subarray(0, packed.length >> 1))
    this.#compressing = { from, to: `${from}.gz` }
  }

  #compressFinish(): void {
    if (this.#compressing === undefined) return
    const { from, to } = this.#compressing
    this.#compressing = undefined
    const fd = openSync(to, 'r+')
    const packed = gzipSync(readFileSync(from))
    ftruncateSync(fd, packed.length)
    writeSync(fd, packed, 0, packed.length, 0)
    closeSync(fd)
    rmSync(from)
    this.#held.set(to, this.#held.get(from)!)
    this.#held.delete(from)
  }

  #deleteRotated(age: number): void {
    const path = this.#rotated(age)
    if (!this.#busy && this.#held.has(path)) this.#remove(path)
  }

  #recreate(): void {
    if (this.#busy || !this.#held.has(this.#live)) return
    this.#remove(this.#live)
    this.#create()
  }

  #moveAway(age: number): void {
    const path = this.#rotated(age)
    if (this.#busy || !this.#held.has(path)) return
    mkdirSync(join(this.#dir, 'old'), { recursive: true })
    const packed = path.endsWith('.gz') ? '.gz' : ''
    this.#rename(path, join(this.#dir, 'old', `${this.#name}.${100 + ++this.#moved}${packed}`))
  }

  #touch(): void {
    const now = new Date()
    if (existsSync(this.#live)) utimesSync(this.#live, now, now)
  }
}
