import { crc32, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { refuseTooMuchUnpacked, UNPACKED_BYTES_MAX } from './spreadsheet-size.ts'

interface Entry {
  name: string
  content: Buffer
  /** What the list of contents says, where that is not so. */
  says_bytes?: number
  packed_bytes?: number
  flags?: number
}

/** An archive as PKWARE's APPNOTE describes it, with whatever lies are asked for. */
function zip(entries: readonly Entry[], list: { count?: number; bytes?: number; offset?: number } = {}): Buffer {
  const files: Buffer[] = []
  const contents: Buffer[] = []
  let offset = 0
  for (const { name, content, says_bytes = content.length, packed_bytes, flags = 0 } of entries) {
    const packed = deflateRawSync(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed_bytes ?? packed.length, 14)
    common.writeUInt32LE(says_bytes, 18)
    common.writeUInt16LE(name.length, 22)
    const at = Buffer.alloc(4)
    at.writeUInt32LE(offset)
    files.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed)
    contents.push(Buffer.from('PK\x01\x02\x14\0'), common, Buffer.alloc(10), at, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const listed = Buffer.concat(contents)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(list.count ?? entries.length, 4)
  end.writeUInt16LE(list.count ?? entries.length, 6)
  end.writeUInt32LE(list.bytes ?? listed.length, 8)
  end.writeUInt32LE(list.offset ?? offset, 12)
  return Buffer.concat([...files, listed, Buffer.from('PK\x05\x06'), end])
}

const small = { name: 'a.xml', content: Buffer.from('<a/>') }
const blanks = { name: 'xl/sheet1.xml', content: Buffer.alloc(UNPACKED_BYTES_MAX + 1, 32) }

describe('a spreadsheet', () => {
  test('that unpacks to what can be held goes on, with empty files and a comment behind it', () => {
    const archive = zip([small, { name: 'empty', content: Buffer.alloc(0) }])
    archive.writeUInt16LE(4, archive.length - 2)
    for (const bytes of [zip([small]), Buffer.concat([archive, Buffer.from('note')])])
      expect(() => refuseTooMuchUnpacked(bytes)).not.toThrow()
  })

  test.each([
    ['says that it unpacks to too much', zip([blanks])],
    ['does so file by file', zip(Array.from({ length: 3 }, (_, index) => ({ name: `${index}.xml`, content: small.content, says_bytes: UNPACKED_BYTES_MAX / 2 })))],
    ['leaves the size of a file out', zip([{ ...blanks, says_bytes: 0 }])],
    ['puts the sizes behind the file', zip([{ ...blanks, says_bytes: 0, packed_bytes: 0, flags: 8 }])],
    ['says the size in 64 bits', zip([{ ...small, says_bytes: 0xffffffff }])],
    ['holds very many files', zip([small], { count: 0xffff })],
    ['has its list of contents elsewhere', zip([small], { bytes: 0xffffffff })],
    ['has its list of contents behind its end', zip([small], { offset: 0xfffffff0 })],
    ['says that it holds more files than it lists', zip([small], { count: 2 })],
    ['has no list of contents', Buffer.from('PK\x03\x04 and nothing else that would be an archive')],
    ['is cut', Buffer.from('PK\x03\x04')],
  ])('that %s is refused before it is unpacked', (_name, bytes) => {
    expect(() => refuseTooMuchUnpacked(bytes)).toThrow(
      expect.objectContaining({ type: 'factors/unreadable-file' }),
    )
  })
}) // oxfmt-ignore
