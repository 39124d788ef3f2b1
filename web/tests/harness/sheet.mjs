// The smallest spreadsheet there is, written: one sheet of texts, in a zip of stored parts; and any one sheet, read.
import { crc32, inflateRawSync } from 'node:zlib'

const NAMES = 'xmlns="http://schemas.openxmlformats.org/'
const escaped = (text) => text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one])

/** A file of rows of texts, to hand to a page. */
export function spreadsheet(name, rows) {
  const cells = (row) => row.map((cell) => `<c t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`).join('')
  const parts = {
    '[Content_Types].xml': `<Types ${NAMES}package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships ${NAMES}package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook ${NAMES}spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships ${NAMES}package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet ${NAMES}spreadsheetml/2006/main"><sheetData>${rows.map((row) => `<row>${cells(row)}</row>`).join('')}</sheetData></worksheet>`,
  }
  return { name, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: zip(parts) }
}

function zip(parts) {
  const files = []
  const directory = []
  let at = 0
  for (const [name, text] of Object.entries(parts)) {
    const data = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt32LE(crc32(data), 14)
    head.writeUInt32LE(data.length, 18)
    head.writeUInt32LE(data.length, 22)
    head.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    head.copy(entry, 6, 4, 28)
    entry.writeUInt32LE(at, 42)
    files.push(head, Buffer.from(name), data)
    directory.push(entry, Buffer.from(name))
    at += head.length + name.length + data.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(parts).length, 8)
  end.writeUInt16LE(Object.keys(parts).length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, list, end])
}

const unescaped = (text) => text.replace(/&(lt|gt|quot|apos|#\d+|amp);/g, (_, one) =>
  one.startsWith('#') ? String.fromCodePoint(Number(one.slice(1))) : { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[one])
const texts = (xml) => unescaped([...xml.matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map(([, text]) => text).join(''))

/** The rows of the first sheet of a spreadsheet, each cell as a text; an empty one as ''. */
export function readSpreadsheet(file) {
  const parts = unzip(file)
  const shared = [...(parts.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml]) => texts(xml))
  return [...parts.get('xl/worksheets/sheet1.xml').matchAll(/<row[^>]*>(.*?)<\/row>/gs)].map(([, row]) =>
    [...row.matchAll(/<c([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(([, attributes, inner = '']) => {
      if (attributes.includes('t="inlineStr"')) return texts(inner)
      const value = /<v>([^<]*)<\/v>/.exec(inner)?.[1] ?? ''
      return attributes.includes('t="s"') ? shared[Number(value)] : unescaped(value)
    }),
  )
}

function unzip(file) {
  const parts = new Map()
  let at = file.readUInt32LE(file.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  while (file.readUInt32LE(at) === 0x02014b50) {
    const [size, named, extra, comment, head] = [file.readUInt32LE(at + 20), ...[28, 30, 32].map((n) => file.readUInt16LE(at + n)), file.readUInt32LE(at + 42)]
    const from = head + 30 + file.readUInt16LE(head + 26) + file.readUInt16LE(head + 28)
    const data = file.subarray(from, from + size)
    parts.set(file.toString('utf8', at + 46, at + 46 + named), (file.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)).toString())
    at += 46 + named + extra + comment
  }
  return parts
}
