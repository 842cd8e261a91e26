import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, OddlineError } from '../../core/errors.ts'

/** Version of the layout of a model directory. */
const FORMAT = 1
const CARD = 'model_config.json'
const CURRENT = 'current'
const PARTIAL = '.partial-'
/** What is written aside for longer than this was left by a process that died, ms. */
const ABANDONED_MS = 3_600_000
/** A name within the directory and nowhere else, for it may come from another host. */
const FILE_NAME = /^\w[\w.-]*$/

/** One trained set of models: its files by name, and what its card says of them. */
export interface ArtifactContent {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly card: Readonly<Record<string, unknown>>
}

export interface Artifact extends ArtifactContent {
  readonly version: number
}

/**
 * Learnt models on disk: a directory of numbered versions, of which `current` names the one in force. A version is
 * written aside, synchronised and renamed, so that it is whole or absent; each file carries its SHA-256. Several
 * processes may use it at once: a number is given to whoever renames first.
 */
export class ModelStore {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  /** In ascending order. */
  versions(): number[] {
    return readNames(this.dir)
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

  path(version: number): string {
    return join(this.dir, `v${version}`)
  }

  /**
   * Puts a version in force; a running program takes it up with its next batch.
   * @throws OddlineError MODEL_INVALID where there is no such version
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
  }

  /**
   * Writes a new version and, unless told otherwise, puts it in force. Of the versions, the newest `keep` and the one
   * in force stay.
   * @returns its number
   */
  save(content: ArtifactContent, keep: number, inForce = true): number {
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
    if (inForce) this.use(version)
    const current = this.current()
    for (const old of this.versions().slice(0, -keep)) {
      if (old !== current) rmSync(this.path(old), { recursive: true, force: true })
    }
    return version
  }

  /** @throws OddlineError MODEL_INVALID where a file is absent or is not what was written */
  load(version: number): Artifact {
    return { version, ...readArtifact(this.path(version)) }
  }

  /**
   * Opens a version or, where it cannot be, the newest one before it that can.
   * @param open throws an OddlineError where it cannot use a version
   * @param onBad is told of each one that could not be used
   */
  async openLastGood<T>(
    version: number,
    open: (artifact: Artifact) => Promise<T>,
    onBad: (error: OddlineError) => void,
  ): Promise<T | undefined> {
    const before = this.versions().filter((one) => one < version)
    for (const candidate of [version, ...before.reverse()]) {
      try {
        return await open(this.load(candidate))
      } catch (error) {
        if (!(error instanceof OddlineError)) throw error
        onBad(error)
      }
    }
    return undefined
  }

  #place(aside: string, content: ArtifactContent): number {
    mkdirSync(aside)
    for (let version = (this.versions().at(-1) ?? 0) + 1; ; version++) {
      writeArtifact(aside, content, version)
      try {
        renameSync(aside, this.path(version))
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

/** Writes the files of a version and its card into a directory that is there. */
export function writeArtifact(dir: string, { files, card }: ArtifactContent, version: number): void {
  const checksums: Record<string, string> = {}
  for (const [name, bytes] of files) {
    writeFileSync(join(dir, name), bytes, { flush: true })
    checksums[name] = sha256(bytes)
  }
  const whole = { ...card, format: FORMAT, version, checksums }
  writeFileSync(join(dir, CARD), `${JSON.stringify(whole, null, 2)}\n`, { flush: true })
}

/** @throws OddlineError MODEL_INVALID where a file is absent or is not what was written */
export function readArtifact(dir: string): ArtifactContent {
  try {
    const card = JSON.parse(readFileSync(join(dir, CARD), 'utf8')) as Record<string, unknown>
    if (card.format !== FORMAT) throw new Error(`its format is ${card.format}, this program reads ${FORMAT}`)
    const files = new Map<string, Uint8Array>()
    for (const [name, checksum] of Object.entries(card.checksums as Record<string, string>)) {
      if (!FILE_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a file of a model`)
      const bytes = readFileSync(join(dir, name))
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
