/**
 * Writes ONNX files, so that tests make models of their own: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. It
 * knows the few types that they need.
 */

type Bytes = Uint8Array<ArrayBufferLike>;

/** Types of the elements of tensors. */
export const ELEMENT = { float: 1, int32: 6, int64: 7, float16: 10 } as const;
type Element = (typeof ELEMENT)[keyof typeof ELEMENT];

/** A length, or the name of one that is not known. */
export type Dimension = number | string;

export interface Model {
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
  readonly nodes: readonly Bytes[];
  readonly constants: readonly Bytes[];
  readonly metadata: Readonly<Record<string, string | number>>;
}

const OPSET = 13;
const IR_VERSION = 8;

/** Fields of AttributeProto by the kind of its value, and what the kind is called there. */
const INT_KIND = 2;
const INTS_KIND = 7;

export function onnxModel({ inputs, outputs, nodes, constants, metadata }: Model): Buffer {
  const graph = joined([
    ...nodes.map((node) => field(1, node)),
    field(2, 'g'),
    ...constants.map((constant) => field(5, constant)),
    ...inputs.map((input) => field(11, input)),
    ...outputs.map((output) => field(12, output)),
  ]);
  const rows = Object.entries(metadata).map(([key, value]) =>
    field(14, joined([field(1, key), field(2, String(value))])),
  );
  const opset = joined([field(1, ''), number(2, OPSET)]);
  return joined([number(1, IR_VERSION), field(2, 'tests'), field(7, graph), field(8, opset), ...rows]);
}

/** @param attributes whole numbers, or lists of them. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Buffer {
  const given = Object.entries(attributes).map(([name, value]) =>
    typeof value === 'number'
      ? joined([field(1, name), number(3, value), number(20, INT_KIND)])
      : joined([field(1, name), ...value.map((each) => number(8, each)), number(20, INTS_KIND)]),
  );
  return joined([
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, operator),
    ...given.map((attribute) => field(5, attribute)),
  ]);
}

/** An input or output of the model. */
export function value(name: string, element: Element, dimensions: readonly Dimension[]): Buffer {
  const shape = joined(
    dimensions.map((each) => field(1, typeof each === 'string' ? field(2, each) : number(1, each))),
  );
  return joined([field(1, name), field(2, field(1, joined([number(1, element), field(2, shape)])))]);
}

export function floats(name: string, dimensions: readonly number[], values: Iterable<number>): Buffer {
  return tensor(name, ELEMENT.float, dimensions, new Uint8Array(Float32Array.from(values).buffer));
}

export function integers(name: string, values: readonly number[]): Buffer {
  return tensor(
    name,
    ELEMENT.int64,
    [values.length],
    new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  );
}

function tensor(name: string, element: Element, dimensions: readonly number[], raw: Bytes): Buffer {
  return joined([
    ...dimensions.map((each) => number(1, each)),
    number(2, element),
    field(8, name),
    field(9, raw),
  ]);
}

/** A field of a length. */
function field(tag: number, content: Bytes | string): Buffer {
  const bytes = Buffer.from(content);
  return joined([varint((tag << 3) | 2), varint(bytes.length), bytes]);
}

function number(tag: number, value: number): Buffer {
  return joined([varint(tag << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function joined(parts: readonly Bytes[]): Buffer {
  return Buffer.concat(parts);
}
