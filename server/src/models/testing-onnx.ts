/** Small ONNX files, written byte by byte, for tests: protobuf as onnx.proto3 has it. */

type Bytes = number[]

function varint(value: number | bigint): Bytes {
  const bytes: Bytes = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return bytes
}

const number = (field: number, value: number | bigint): Bytes => [...varint(field << 3), ...varint(value)]
const block = (field: number, bytes: Bytes): Bytes => [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes]
const text = (field: number, value: string): Bytes => block(field, [...new TextEncoder().encode(value)])

const FLOAT = 1
const INT64 = 7
const BOOL = 9

/** A dimension of -1 is one that the caller chooses. */
function value(name: string, type: number, shape: readonly number[]): Bytes {
  const dimensions = shape.flatMap((size) => block(1, size < 0 ? text(2, 'rows') : number(1, size)))
  return [...text(1, name), ...block(2, block(1, [...number(1, type), ...block(2, dimensions)]))]
}

function tensor(name: string, type: number, shape: readonly number[], raw: Uint8Array): Bytes {
  return [...shape.flatMap((size) => number(1, size)), ...number(2, type), ...text(8, name), ...block(9, [...raw])]
}

function node(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Bytes = []): Bytes {
  return [
    ...inputs.flatMap((each) => text(1, each)),
    ...outputs.flatMap((each) => text(2, each)),
    ...text(4, op),
    ...attributes,
  ]
}

interface Graph {
  nodes: Bytes[]
  initializers?: Bytes[]
  inputs: Bytes[]
  outputs: Bytes[]
}

function graph({ nodes, initializers = [], inputs, outputs }: Graph): Bytes {
  return [
    ...nodes.flatMap((each) => block(1, each)),
    ...text(2, 'g'),
    ...initializers.flatMap((each) => block(5, each)),
    ...inputs.flatMap((each) => block(11, each)),
    ...outputs.flatMap((each) => block(12, each)),
  ]
}

function model(of: Graph): Uint8Array {
  const opset = block(8, number(2, 17))
  return Uint8Array.from([...number(1, 8), ...opset, ...block(7, graph(of))])
}

const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer)
const longs = (values: readonly bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer)

/** y = x · weights + offset, for rows of as many numbers as there are weights. */
export function linearOnnx(weights: readonly number[], offset: number): Uint8Array {
  return model({
    nodes: [node('MatMul', ['x', 'w'], ['m']), node('Add', ['m', 'b'], ['y'])],
    initializers: [tensor('w', FLOAT, [weights.length, 1], floats(weights)), tensor('b', FLOAT, [1], floats([offset]))],
    inputs: [value('x', FLOAT, [-1, weights.length])],
    outputs: [value('y', FLOAT, [-1, 1])],
  })
}

/** Goes round for ever: a loop of 2^62 rounds that does nothing. */
export function endlessOnnx(): Uint8Array {
  const body = graph({
    nodes: [node('Identity', ['cond_in'], ['cond_out']), node('Identity', ['v_in'], ['v_out'])],
    inputs: [value('i', INT64, []), value('cond_in', BOOL, []), value('v_in', FLOAT, [-1, 1])],
    outputs: [value('cond_out', BOOL, []), value('v_out', FLOAT, [-1, 1])],
  })
  // AttributeProto: name, graph, and the type that says it is one.
  const attribute = block(5, [...text(1, 'body'), ...block(6, body), ...number(20, 5)])
  return model({
    nodes: [node('Loop', ['n', 'go', 'x'], ['y'], attribute)],
    initializers: [tensor('n', INT64, [], longs([2n ** 62n])), tensor('go', BOOL, [], Uint8Array.of(1))],
    inputs: [value('x', FLOAT, [-1, 1])],
    outputs: [value('y', FLOAT, [-1, 1])],
  })
}

/** Asks for a tensor of 2^29 numbers, two gigabytes. */
export function hugeOnnx(): Uint8Array {
  return model({
    nodes: [node('ConstantOfShape', ['s'], ['h']), node('ReduceSum', ['h'], ['t']), node('Add', ['x', 't'], ['y'])],
    initializers: [tensor('s', INT64, [2], longs([2n ** 15n, 2n ** 14n]))],
    inputs: [value('x', FLOAT, [-1, 1])],
    outputs: [value('y', FLOAT, [-1, 1])],
  })
}
