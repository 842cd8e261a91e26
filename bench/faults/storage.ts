import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Ledger } from '../../test/support/rotation/ledger.ts'
import { accessLine, account, prepare, spawnBatch } from './kills.ts'

export interface StorageResult {
  readonly faults: number
  /** Faults that were not told as the error that they are. */
  readonly mistold: number
  readonly linesIn: number
  readonly linesOut: number
  readonly duplicates: number
  readonly losses: number
  readonly inconsistent: number
}

const LINES = 20_000

/** A batch meets a database locked by another process, a full disk, and a newer schema; the next one makes up for it. */
export async function failStorage(): Promise<StorageResult> {
  const results = [await whileLocked(), await onFullDisk(), await onNewerSchema()].filter(
    (result) => result !== undefined,
  )
  const sum = (name: keyof StorageResult) => results.reduce((total, result) => total + result[name], 0)
  return {
    faults: results.length,
    mistold: sum('mistold'),
    linesIn: sum('linesIn'),
    linesOut: sum('linesOut'),
    duplicates: sum('duplicates'),
    losses: sum('losses'),
    inconsistent: sum('inconsistent'),
  }
}

async function whileLocked(): Promise<StorageResult> {
  return inDirectory(async (dir, ledger) => {
    await batch(dir)
    write(dir, ledger)
    const other = new BetterSqlite3(join(dir, 'state', 'oddline.db'))
    other.exec('BEGIN IMMEDIATE')
    const told = await batch(dir)
    other.exec('ROLLBACK')
    other.close()
    return told === 'STATE_BUSY'
  })
}

/** Needs the right to mount; without it the scenario is left out and that is said. */
async function onFullDisk(): Promise<StorageResult | undefined> {
  let mounted = true
  const result = await inDirectory(async (dir, ledger) => {
    const state = join(dir, 'state')
    mkdirSync(state)
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state]).status === 0
    if (!mounted) return true
    write(dir, ledger)
    const told = await batch(dir)
    spawnSync('mount', ['-o', 'remount,size=512m', state])
    return told === 'DISK_FULL'
  })
  if (mounted) return result
  process.stderr.write('Mounting a small file system is not allowed here; the full disk is left out.\n')
  return undefined
}

async function onNewerSchema(): Promise<StorageResult> {
  return inDirectory(async (dir, ledger) => {
    await batch(dir)
    write(dir, ledger)
    const db = new BetterSqlite3(join(dir, 'state', 'oddline.db'))
    const version = db.pragma('user_version', { simple: true })
    db.pragma('user_version = 9999')
    const told = await batch(dir)
    db.pragma(`user_version = ${version}`)
    db.close()
    return told === 'STATE_TOO_NEW'
  })
}

async function inDirectory(fault: (dir: string, ledger: Ledger) => Promise<boolean>): Promise<StorageResult> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-storage-'))
  const ledger = new Ledger(accessLine)
  try {
    prepare(dir)
    const wellTold = await fault(dir, ledger)
    await batch(dir)
    const { invented, deletedUnread: _, ...accounted } = account(dir, ledger)
    return { faults: 1, mistold: wellTold ? 0 : 1, ...accounted, inconsistent: accounted.inconsistent + invented }
  } finally {
    spawnSync('umount', [join(dir, 'state')])
    rmSync(dir, { recursive: true })
  }
}

function write(dir: string, ledger: Ledger): void {
  const lines = Array.from({ length: LINES }, () => `${ledger.newLine(20)}\n`)
  appendFileSync(join(dir, 'log', 'access.log'), lines.join(''))
}

/** The code of the error that a batch ended with; undefined if it was done. */
async function batch(dir: string): Promise<string | undefined> {
  const { said } = await spawnBatch({ dir, settleSeconds: 0, sinks: true }).ended
  return said.error
}
