// What the editor has to know of a YAML text: where a line stands in it, and what the schema lets stand there. Not a parser:
// the server checks.

export type Schema = {
  type?: string | string[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  $ref?: string
  $defs?: Record<string, Schema>
}

const KEY = /^(\s*)(- )?(?:"([^"]*)"|([\w-]+)):(?:\s|$)/

const indentOf = (line: string) => /^\s*/.exec(line)![0].length
const isNothing = (line: string) => /^\s*(#|$)/.test(line)

/** The keys above a line, outermost first, by indentation; the line's own is not among them. "-" stands for an entry of a list. */
export function above(lines: readonly string[], at: number, indent = indentOf(lines[at] ?? '')): string[] {
  const path: string[] = []
  for (let i = at - 1; i >= 0 && indent > 0; i--) {
    const line = lines[i]!
    if (isNothing(line) || indentOf(line) >= indent) continue
    const key = KEY.exec(line)
    if (!key) continue
    indent = key[1]!.length
    path.unshift(key[3] ?? key[4]!)
  }
  return path
}

/** The key under the caret: the line's own, or the one within braces that the caret stands in. */
export function keyAt(lines: readonly string[], at: number, column: number): { path: string[]; key?: string } {
  const line = lines[at] ?? ''
  const own = KEY.exec(line)
  const path = above(lines, at)
  const key = own ? (own[3] ?? own[4]) : undefined
  let depth = 0
  for (let i = Math.min(column, line.length) - 1; i >= 0; i--) {
    if (line[i] === '}') depth++
    if (line[i] === '{' && depth-- === 0) {
      const inner = /([\w-]+):[^{},]*$/.exec(line.slice(i + 1, column).replace(/\{[^}]*\}/g, '')) ?? /^\s*([\w-]+)/.exec(line.slice(i + 1))
      return { path: key ? [...path, key] : path, key: inner?.[1] }
    }
  }
  return { path, key }
}

/** The schema at a path of keys, through lists; undefined where it says nothing. */
export function schemaAt(root: Schema, path: readonly string[]): Schema | undefined {
  let at: Schema | undefined = resolve(root, root)
  for (const key of path) {
    while (at?.items && !at.properties) at = resolve(root, at.items)
    const next: Schema | undefined = at?.properties?.[key] ?? (typeof at?.additionalProperties === 'object' ? at.additionalProperties : undefined)
    if (!next) return undefined
    at = resolve(root, next)
  }
  while (at?.items && !at.properties) at = resolve(root, at.items)
  return at
}

function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '')
  return name ? (root.$defs?.[name] ?? schema) : schema
}

/** The values a key may have, where they are few. */
export function valuesOf(schema: Schema | undefined): string[] {
  return (schema?.enum ?? []).map(String)
}

/** What could be completed at the caret: a key that is begun, or could begin, on a line of its own. */
export function completion(lines: readonly string[], at: number, column: number): { path: string[]; begun: string; indent: number; there: string[] } | undefined {
  const begun = /^(\s*)(- )?([\w-]*)$/.exec((lines[at] ?? '').slice(0, column))
  if (!begun || /^[\w-]/.test((lines[at] ?? '').slice(column))) return undefined
  const indent = begun[1]!.length + (begun[2]?.length ?? 0)
  return { path: above(lines, at, indent), begun: begun[3]!, indent, there: siblings(lines, at, indent) }
}

/** Keys that stand beside a line already. */
function siblings(lines: readonly string[], at: number, indent: number): string[] {
  const keys: string[] = []
  const look = (from: number, step: number) => {
    for (let i = from; i >= 0 && i < lines.length; i += step) {
      const line = lines[i]!
      if (isNothing(line)) continue
      if (indentOf(line) < indent) return
      const key = KEY.exec(line)
      if (key && indentOf(line) === indent) keys.push(key[3] ?? key[4]!)
    }
  }
  look(at - 1, -1)
  look(at + 1, 1)
  return keys
}
