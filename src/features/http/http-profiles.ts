import { type HttpBlock, idsOf, type SliceColumn } from '../../core/columns/block.ts'
import { ById } from '../../core/columns/by-id.ts'
import { pack, unpack } from '../../core/pack.ts'
import { PathShapes } from '../../templates/path-shapes.ts'
import { Rarity } from '../rarity.ts'
import { ResponseSizes } from '../sizes.ts'
import { StructureModel, ZONE_AGENT, ZONE_REFERER } from '../structure.ts'
import { ParameterProfiles } from './parameters.ts'
import { TargetCache } from './target-cache.ts'
import { agentKind, TextCache } from './text-cache.ts'

const ENDPOINTS = 4096
const METHODS = 64
const STATUSES = 1000
const AGENTS = 4096

/** The learnt normal behaviour of requests on these servers, per endpoint. Part of a model. */
export class HttpProfiles {
  readonly shapes: PathShapes
  readonly parameters: ParameterProfiles
  readonly structure: StructureModel
  readonly sizes: ResponseSizes
  readonly agents: TextCache
  readonly referers: TextCache
  /** Cache of target features; present after `freeze`, when they depend on the target's text only. */
  targets: TargetCache | undefined
  readonly #endpoints: Rarity
  readonly #methods: Rarity
  /** Ids of `#methods` by text number. */
  readonly #words = new ById()
  #methodIds: Int32Array = new Int32Array(0)
  #wordOf: Int32Array = new Int32Array(0)
  readonly #statuses: Rarity
  readonly #agentKinds: Rarity

  constructor(
    parts: {
      shapes?: PathShapes
      parameters?: ParameterProfiles
      structure?: StructureModel
      sizes?: ResponseSizes
      endpoints?: Rarity
      methods?: Rarity
      statuses?: Rarity
      agentKinds?: Rarity
    } = {},
  ) {
    this.shapes = parts.shapes ?? new PathShapes(ENDPOINTS)
    this.parameters = parts.parameters ?? new ParameterProfiles()
    this.structure = parts.structure ?? new StructureModel()
    this.sizes = parts.sizes ?? new ResponseSizes()
    this.#endpoints = parts.endpoints ?? new Rarity(ENDPOINTS)
    this.#methods = parts.methods ?? new Rarity(METHODS)
    this.#statuses = parts.statuses ?? new Rarity(STATUSES)
    this.#agentKinds = parts.agentKinds ?? new Rarity(AGENTS)
    this.agents = new TextCache(ZONE_AGENT, this.structure, this.#agentKinds)
    this.referers = new TextCache(ZONE_REFERER, this.structure)
  }

  /** Stops learning. */
  freeze(): void {
    this.shapes.freeze()
    this.structure.freeze()
    this.agents.freeze()
    this.referers.freeze()
    for (const rarity of [this.#endpoints, this.#methods, this.#statuses, this.#agentKinds]) rarity.freeze()
    this.targets = new TargetCache()
  }

  /** Selects the block that later calls refer to. */
  follow({ target, method, userAgent, referer, count }: HttpBlock): void {
    const ids = idsOf(method, count)
    this.#methodIds = ids.of
    this.#wordOf = this.#words.follow(ids)
    this.agents.follow(userAgent, count)
    this.referers.follow(referer, count)
    this.targets?.follow(idsOf(target, count))
  }

  endpointBits(shape: number, learn: boolean): number {
    return judge(this.#endpoints, shape, learn)
  }

  statusBits(status: number, learn: boolean): number {
    return judge(this.#statuses, status < STATUSES ? status : 0, learn)
  }

  methodBits(methods: SliceColumn, i: number, learn: boolean): number {
    const id = this.#methodIds[i]
    let word = id < 0 ? -1 : this.#wordOf[id]
    if (word < 0) {
      word = this.#methods.find(methods.latin1(i))
      if (id >= 0) this.#wordOf[id] = word
    }
    const bits = this.#methods.bits(word)
    if (learn) this.#methods.learn(methods.latin1(i))
    return bits
  }

  /** True if a request with this path shape, method, status or kind of User-Agent was learnt. */
  readonly knows = {
    endpoint: (shape: number) => this.#endpoints.has(shape),
    method: (method: string) => this.#methods.has(this.#methods.find(method)),
    status: (status: number) => this.#statuses.has(status < STATUSES ? status : 0),
    agent: (agent: string) => this.#agentKinds.has(this.#agentKinds.find(agentKind(agent))),
  }

  snapshot(): Uint8Array {
    const parameters = this.parameters.snapshot()
    const methods = this.#methods.snapshot()
    const agents = this.#agentKinds.snapshot()
    return pack('request profiles', 1, {
      meta: {
        shapes: this.shapes.snapshot(),
        names: parameters.names,
        methods: methods.words,
        agents: agents.words,
        totals: [this.#endpoints.total, this.#statuses.total, methods.total, agents.total],
      },
      arrays: {
        ...parameters.arrays,
        ...this.sizes.arrays(),
        structure: this.structure.counts,
        endpoints: this.#endpoints.counts,
        statuses: this.#statuses.counts,
        methodCounts: methods.counts,
        agentCounts: agents.counts,
      },
    })
  }

  /** @throws OddlineError MODEL_INVALID */
  static restore(bytes: Uint8Array): HttpProfiles {
    const { meta, arrays } = unpack('request profiles', 1, bytes) as unknown as SavedProfiles
    const [endpoints, statuses, methods, agents] = meta.totals
    const none: string[] = []
    return new HttpProfiles({
      shapes: PathShapes.restore(meta.shapes, ENDPOINTS),
      parameters: ParameterProfiles.restore({ names: meta.names, arrays }),
      structure: new StructureModel(arrays.structure),
      sizes: new ResponseSizes(arrays.sizeSeen, arrays.sizeMean, arrays.sizeM2),
      endpoints: Rarity.restore(ENDPOINTS, { words: none, counts: arrays.endpoints, total: endpoints }),
      statuses: Rarity.restore(STATUSES, { words: none, counts: arrays.statuses, total: statuses }),
      methods: Rarity.restore(METHODS, { words: meta.methods, counts: arrays.methodCounts, total: methods }),
      agentKinds: Rarity.restore(AGENTS, { words: meta.agents, counts: arrays.agentCounts, total: agents }),
    })
  }
}

interface SavedProfiles {
  readonly meta: Record<'shapes' | 'names' | 'methods' | 'agents', string[]> & { totals: number[] }
  readonly arrays: ReturnType<ParameterProfiles['snapshot']>['arrays'] &
    Record<
      'sizeSeen' | 'sizeMean' | 'sizeM2' | 'endpoints' | 'statuses' | 'methodCounts' | 'agentCounts',
      Float64Array<ArrayBuffer>
    > & {
      structure: Uint32Array<ArrayBuffer>
    }
}

function judge(rarity: Rarity, id: number, learn: boolean): number {
  const bits = rarity.bits(id)
  if (learn) rarity.add(id)
  return bits
}
