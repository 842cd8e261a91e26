import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { messageOf, OddlineError } from '../core/errors.ts'

/** Version of the layout of a model directory. */
const FORMAT = 1
const CARD = 'model_config.json'
const CURRENT = 'current'

/** One trained set of models: its files by name, and what its card says. */
export interface Artifact {
  readonly version: number
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly card: Readonly<Record<string, unknown>>
}

interface Card {
  readonly format: number
  readonly version: number
  readonly checksums: Readonly<Record<string, string>>
}

/**
 * Learnt models on disk: a directory of numbered versions, of which `current` names the one in force. A version is
 * written aside, synchronised and renamed, so that it is whole or absent; each file carries its SHA-256.
 */
export class ModelStore {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  versions(): number[] {
    const names = readNames(this.dir)
    return names
      .filter((name) => /^v\d+$/.test(name))
      .map((name) => Number(name.slice(1)))
      .sort((a, b) => a - b)
  }

  /** The version in force, or undefined where nothing is. */
  current(): number | undefined {
    try {
      const version = Number(readFileSync(join(this.dir, CURRENT), 'utf8'))
      return Number.isInteger(version) && version > 0 ? version : undefined
    } catch {
      return undefined
    }
  }

  /** Puts a version in force; the daemon takes it up with its next batch. */
  use(version: number): void {
    if (!this.versions().includes(version)) {
      throw new OddlineError(
        'MODEL_INVALID',
        `There is no model version ${version} in ${this.dir}. There are: ${this.versions().join(', ') || 'none'}.`,
      )
    }
    replaceFile(join(this.dir, CURRENT), Buffer.from(`${version}\n`))
  }

  /** Writes a version and puts it in force; keeps the newest `keep`. */
  save(artifact: Artifact, keep: number): void {
    const path = this.#path(artifact.version)
    const partial = `${path}.partial`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    const checksums: Record<string, string> = {}
    for (const [name, bytes] of artifact.files) {
      writeFileSync(join(partial, name), bytes, { flush: true })
      checksums[name] = sha256(bytes)
    }
    const card = { format: FORMAT, version: artifact.version, ...artifact.card, checksums }
    writeFileSync(join(partial, CARD), `${JSON.stringify(card, null, 2)}\n`, { flush: true })
    rmSync(path, { recursive: true, force: true })
    renameSync(partial, path)
    this.use(artifact.version)
    for (const old of this.versions().slice(0, -keep)) {
      if (old !== artifact.version) rmSync(this.#path(old), { recursive: true, force: true })
    }
  }

  /** @throws OddlineError MODEL_INVALID where a file is absent or is not what was written */
  load(version: number): Artifact {
    const path = this.#path(version)
    try {
      const card = JSON.parse(readFileSync(join(path, CARD), 'utf8')) as Card & Record<string, unknown>
      if (card.format !== FORMAT) throw new Error(`its format is ${card.format}, this version reads ${FORMAT}`)
      const files = new Map<string, Uint8Array>()
      for (const [name, checksum] of Object.entries(card.checksums)) {
        const bytes = readFileSync(join(path, name))
        if (sha256(bytes) !== checksum) throw new Error(`${name} does not have the checksum that its card gives`)
        files.set(name, bytes)
      }
      return { version, files, card }
    } catch (error) {
      throw new OddlineError(
        'MODEL_INVALID',
        `Model version ${version} in ${path} cannot be used: ${messageOf(error)}.`,
        { cause: error },
      )
    }
  }

  /** The version in force, or the newest one before it that can be read; what could not be is reported. */
  loadLastGood(onBad: (error: OddlineError) => void): Artifact | undefined {
    const current = this.current()
    if (current === undefined) return undefined
    for (const version of this.versions()
      .filter((one) => one <= current)
      .reverse()) {
      try {
        return this.load(version)
      } catch (error) {
        onBad(error as OddlineError)
      }
    }
    return undefined
  }

  #path(version: number): string {
    return join(this.dir, `v${version}`)
  }
}

function readNames(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  const aside = `${path}.partial`
  const fd = openSync(aside, 'w')
  try {
    writeFileSync(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(aside, path)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
