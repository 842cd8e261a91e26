import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(import.meta.dirname, '../../..')
const OURS = /\/(src|sinks)\//
const EXPANDED =
  ts.NodeBuilderFlags.NoTruncation |
  ts.NodeBuilderFlags.InTypeAlias |
  ts.NodeBuilderFlags.MultilineObjectLiterals |
  ts.NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope |
  ts.NodeBuilderFlags.IgnoreErrors

export function programOf(entries: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: entries }, ts.sys, ROOT)
  return ts.createProgram({ rootNames: entries.map((entry) => join(ROOT, entry)), options })
}

/**
 * Every name that a module exports, with its type, and every type of ours that those are made of. The text does not
 * depend on comments, nor on the files that declare the types.
 */
export function publicTypes(program: ts.Program, entry: string): string {
  const checker = program.getTypeChecker()
  const resolved = (one: ts.Symbol) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one)
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, entry))!)!
  const exported = checker.getExportsOfModule(module).map(resolved)
  const waiting = [...exported]
  const texts = new Map<ts.Symbol, string>()
  for (const symbol of waiting) texts.set(symbol, print(describe(symbol)))
  const inner = waiting.slice(exported.length)
  const sorted = (symbols: ts.Symbol[]) => symbols.map((one) => texts.get(one)!).sort()
  return `${['// Exported', ...sorted(exported), '// Used by what is exported', ...sorted(inner)].join('\n\n')}\n`

  function describe(symbol: ts.Symbol): ts.Node {
    const declaration = symbol.declarations![0]
    if (ts.isInterfaceDeclaration(declaration)) return declaration
    if (ts.isClassDeclaration(declaration)) return withoutBodies(declaration)
    const { factory } = ts
    if (ts.isTypeAliasDeclaration(declaration)) {
      if (!isComputed(declaration.type)) return declaration
      const type = nodeOf(checker.getDeclaredTypeOfSymbol(symbol))
      return factory.updateTypeAliasDeclaration(declaration, declaration.modifiers, declaration.name, undefined, type)
    }
    const type = checker.getTypeOfSymbol(symbol)
    if (ts.isFunctionDeclaration(declaration)) return signatureOf(declaration)
    return factory.createVariableDeclaration(`export const ${symbol.name}`, undefined, nodeOf(type))
  }

  /** What users see of a class: no private members, no code. */
  function withoutBodies(declaration: ts.ClassDeclaration): ts.Node {
    const { modifiers, name, typeParameters, heritageClauses } = declaration
    const shown = declaration.members.filter((member) => !member.name || !ts.isPrivateIdentifier(member.name))
    const members = shown.map((member) => {
      if (ts.isMethodDeclaration(member)) return signatureOf(member)
      if (ts.isConstructorDeclaration(member))
        return ts.factory.updateConstructorDeclaration(member, undefined, member.parameters, undefined)
      if (!ts.isPropertyDeclaration(member)) return member
      const type = member.type ?? nodeOf(checker.getTypeAtLocation(member))
      return ts.factory.updatePropertyDeclaration(
        member,
        member.modifiers,
        member.name,
        member.questionToken,
        type,
        undefined,
      )
    })
    return ts.factory.updateClassDeclaration(declaration, modifiers, name, typeParameters, heritageClauses, members)
  }

  function signatureOf<T extends ts.FunctionDeclaration | ts.MethodDeclaration>(node: T): T {
    const { asteriskToken, typeParameters, parameters } = node
    const modifiers = node.modifiers?.filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword)
    const returned = checker.getSignatureFromDeclaration(node)!.getReturnType()
    const type = node.type ?? nodeOf(returned)
    const { factory } = ts
    return (
      ts.isFunctionDeclaration(node)
        ? factory.updateFunctionDeclaration(
            node,
            modifiers,
            asteriskToken,
            node.name,
            typeParameters,
            parameters,
            type,
            undefined,
          )
        : factory.updateMethodDeclaration(
            node,
            modifiers,
            asteriskToken,
            node.name,
            node.questionToken,
            typeParameters,
            parameters,
            type,
            undefined,
          )
    ) as T
  }

  function nodeOf(type: ts.Type): ts.TypeNode {
    return inOrder(checker.typeToTypeNode(type, undefined, EXPANDED)!)
  }

  /** The text of a declaration; types of ours that it names will be described as well. */
  function print(node: ts.Node): string {
    meet(node)
    const text = ts.createPrinter({ removeComments: true }).printNode(ts.EmitHint.Unspecified, node, fileOf(node))
    return text.replace(/^(?!export )/, 'not exported: ')
  }

  function meet(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node) ?? (node as { symbol?: ts.Symbol }).symbol
      const symbol = found && resolved(found)
      if (symbol && isOurType(symbol) && !waiting.includes(symbol)) waiting.push(symbol)
    }
    ts.forEachChild(node, meet)
  }
}

function fileOf(node: ts.Node): ts.SourceFile {
  return ts.getOriginalNode(node).getSourceFile() ?? ts.createSourceFile('x.ts', '', ts.ScriptTarget.Latest)
}

function isOurType({ declarations: [first] = [] }: ts.Symbol): boolean {
  const named =
    first && (ts.isInterfaceDeclaration(first) || ts.isTypeAliasDeclaration(first) || ts.isClassDeclaration(first))
  return named === true && OURS.test(first.getSourceFile().fileName)
}

/** Whether a type is derived from a value, so that its own text does not show its parts. */
function isComputed(node: ts.TypeNode): boolean {
  return /\btypeof\b/.test(node.getText())
}

/** The parts of unions in the order of their text: the compiler's own order depends on what it has met before. */
function inOrder(node: ts.TypeNode): ts.TypeNode {
  const file = ts.createSourceFile('x.ts', '', ts.ScriptTarget.Latest)
  const text = (part: ts.Node) => ts.createPrinter().printNode(ts.EmitHint.Unspecified, part, file)
  const sort = (context: ts.TransformationContext) => (root: ts.TypeNode) => {
    const visit = (one: ts.Node): ts.Node => {
      const inner = ts.visitEachChild(one, visit, context)
      if (!ts.isUnionTypeNode(inner)) return inner
      return ts.factory.createUnionTypeNode([...inner.types].sort((a, b) => (text(a) < text(b) ? -1 : 1)))
    }
    return visit(root) as ts.TypeNode
  }
  return ts.transform(node, [sort]).transformed[0]
}
