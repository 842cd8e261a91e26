import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { readRegularFile } from '../../core/files/regular-file.ts'
import { syncDirectory } from '../../core/files/sync-directory.ts'
import { asInvalid } from '../checkpoints.ts'

/** Version of the layout of a model directory. */
const FORMAT = 1
const CARD = 'model_config.json'
const CURRENT = 'current'
const PARTIAL = '.partial-'
/** A partial version older than this was left behind by a crashed process and is deleted, ms. */
const ABANDONED_MS = 3_600_000
/** File names may come from another host, so they must not lead out of the directory. */
const FILE_NAME = /^\w[\w.-]*$/

/** The files of a model version by name, and its card (`model_config.json`). */
export interface ArtifactContent {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly card: Readonly<Record<string, unknown>>
}

export interface Artifact extends ArtifactContent {
  readonly version: number
}

/**
 * The model directory: numbered versions, and a file `current` that names the version in use. A version is written under
 * a temporary name, synchronised and renamed, so it is complete or absent; the card holds the SHA-256 of each file.
 * Several processes may use the directory at once: the rename decides which of them gets a number.
 */
export class ModelStore {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  /** All version numbers, ascending. */
  versions(): number[] {
    return readNames(this.dir)
      .filter((name) => /^v\d+$/.test(name))
      .map((name) => Number(name.slice(1)))
      .sort((a, b) => a - b)
  }

  /** The version in use; undefined if there is none. */
  current(): number | undefined {
    try {
      const version = Number(readRegularFile(join(this.dir, CURRENT)))
      return Number.isInteger(version) && version > 0 ? version : undefined
    } catch {
      return undefined
    }
  }

  path(version: number): string {
    return join(this.dir, `v${version}`)
  }

  /**
   * Makes a version current. A running program loads it when its next batch begins.
   * @throws OddlineError MODEL_INVALID if there is no such version
   */
  use(version: number): void {
    if (!this.versions().includes(version)) {
      throw new OddlineError(
        'MODEL_INVALID',
        `There is no model version ${version} in ${this.dir}. There are: ${this.versions().join(', ') || 'none'}.`,
      )
    }
    const aside = join(this.dir, `${PARTIAL}${randomBytes(6).toString('hex')}`)
    writeFileSync(aside, `${version}\n`, { flush: true })
    renameSync(aside, join(this.dir, CURRENT))
    syncDirectory(this.dir)
  }

  /**
   * Writes a new version. The newest `keep` versions and the current one stay; older ones are deleted.
   * @returns the number of the new version
   */
  save(content: ArtifactContent, keep: number, makeCurrent = true): number {
    mkdirSync(this.dir, { recursive: true })
    this.#sweep()
    const aside = join(this.dir, `${PARTIAL}${randomBytes(6).toString('hex')}`)
    let version: number
    try {
      version = this.#place(aside, content)
    } catch (error) {
      rmSync(aside, { recursive: true, force: true })
      throw error
    }
    if (makeCurrent) this.use(version)
    const current = this.current()
    for (const old of this.versions().slice(0, -keep)) {
      if (old !== current) rmSync(this.path(old), { recursive: true, force: true })
    }
    return version
  }

  /** @throws OddlineError MODEL_INVALID if a file is missing or its checksum differs */
  load(version: number): Artifact {
    return { version, ...readArtifact(this.path(version)) }
  }

  /**
   * Opens a version. If that fails, opens the newest older version that works.
   * @param open throws if it cannot use a version
   * @param onBad is told of each version that cannot be used
   * @returns what `open` returned; undefined if no version works
   * @throws OddlineError THREAD_FAILED, which says nothing about the version
   */
  async openLastGood<T>(
    version: number,
    open: (artifact: Artifact) => Promise<T>,
    onBad: (error: OddlineError, version: number) => void,
  ): Promise<T | undefined> {
    const before = this.#readable().filter((one) => one < version)
    for (const candidate of [version, ...before.reverse()]) {
      try {
        return await open(this.load(candidate))
      } catch (error) {
        onBad(asInvalid(error, `The model in ${this.path(candidate)} cannot be used`), candidate)
      }
    }
    return undefined
  }

  /** All version numbers; none if the directory cannot be listed. */
  #readable(): number[] {
    try {
      return this.versions()
    } catch {
      return []
    }
  }

  #place(aside: string, content: ArtifactContent): number {
    mkdirSync(aside)
    for (let version = (this.versions().at(-1) ?? 0) + 1; ; version++) {
      writeArtifact(aside, content, version)
      try {
        renameSync(aside, this.path(version))
        syncDirectory(this.dir)
        return version
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
    }
  }

  #sweep(): void {
    for (const name of readNames(this.dir)) {
      const path = join(this.dir, name)
      const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
      if (name.startsWith(PARTIAL) && Date.now() - written > ABANDONED_MS)
        rmSync(path, { recursive: true, force: true })
    }
  }
}

/** Writes the files and the card of a version into an existing directory. */
export function writeArtifact(dir: string, { files, card }: ArtifactContent, version: number): void {
  const checksums: Record<string, string> = {}
  for (const [name, bytes] of files) {
    writeFileSync(join(dir, name), bytes, { flush: true })
    checksums[name] = sha256(bytes)
  }
  const whole = { ...card, format: FORMAT, version, checksums }
  writeFileSync(join(dir, CARD), `${JSON.stringify(whole, null, 2)}\n`, { flush: true })
}

/** @throws OddlineError MODEL_INVALID if a file is missing or its checksum differs */
export function readArtifact(dir: string): ArtifactContent {
  try {
    const card = JSON.parse(readRegularFile(join(dir, CARD)).toString()) as Record<string, unknown>
    if (card.format !== FORMAT) throw new Error(`its format is ${card.format}, this program reads ${FORMAT}`)
    const files = new Map<string, Uint8Array>()
    for (const [name, checksum] of Object.entries(card.checksums as Record<string, string>)) {
      if (!FILE_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a file of a model`)
      const bytes = readRegularFile(join(dir, name))
      if (sha256(bytes) !== checksum) throw new Error(`${name} does not have the checksum that its card gives`)
      files.set(name, bytes)
    }
    return { files, card }
  } catch (error) {
    throw new OddlineError('MODEL_INVALID', `The model in ${dir} cannot be used: ${messageOf(error)}.`, {
      cause: error,
    })
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

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
