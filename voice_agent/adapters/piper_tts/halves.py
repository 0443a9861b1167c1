"""Cuts an ONNX network in two at one of its values, so that the second half can be given the first one's result in pieces.

Works on the protobuf wire format (onnx.proto3), because `onnx` is not among the dependencies: only names, inputs and outputs
of the nodes are read, and everything kept is copied byte by byte.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_MODEL_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12
"""Fields of a GraphProto. All others but its name describe values, and are left out."""
_READS, _GIVES = 1, 2
"""Fields of a NodeProto."""
_FLOAT = 1


@dataclass(frozen=True, slots=True)
class _Node:
    raw: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def halves(model: bytes, weights: str, width: int) -> tuple[bytes, bytes]:
    """The networks before and behind what the node with these `weights` is given: a float value of shape (1, width, any).

    Raises:
        ValueError: this is no such network.
    """
    outside, graph = [], b""
    for field, raw, body in _fields(model):
        if field == _MODEL_GRAPH:
            graph = body
        else:
            outside.append(raw)
    nodes, initializers, inputs, outputs = [], {}, [], []
    for field, raw, body in _fields(graph):
        if field == _NODE:
            nodes.append(_node(raw, body))
        elif field == _INITIALIZER:
            initializers[_name(body, 8)] = raw
        elif field == _INPUT:
            inputs.append(raw)
        elif field == _OUTPUT:
            outputs.append((_name(body, 1), raw))
    joint = next((node.inputs[0] for node in nodes if weights in node.inputs), None)
    if joint is None:
        raise ValueError(f"the network has no {weights}")

    def part(ends: Collection[str], begins: Sequence[bytes], given: Collection[str], out: Sequence[bytes]) -> bytes:
        kept = _leading_to(ends, nodes, given)
        used = {name for node in kept for name in node.inputs}
        body = [*(node.raw for node in kept), *(raw for name, raw in initializers.items() if name in used)]
        return b"".join(outside) + _bytes_field(_MODEL_GRAPH, b"".join([*body, _bytes_field(2, b"half"), *begins, *out]))

    value = _value(joint, width)
    first = part([joint], inputs, (), [_bytes_field(_OUTPUT, value)])
    second = part([name for name, _ in outputs], [_bytes_field(_INPUT, value)], [joint], [raw for _, raw in outputs])
    return first, second


def _leading_to(ends: Collection[str], nodes: Sequence[_Node], given: Collection[str]) -> list[_Node]:
    """In the order of the graph, which is one in which they can run."""
    wanted, kept = set(ends), []
    for node in reversed(nodes):
        if wanted.intersection(node.outputs) and not set(node.outputs) <= set(given):
            kept.append(node)
            wanted.update(node.inputs)
    return kept[::-1]


def _node(raw: bytes, body: bytes) -> _Node:
    names: dict[int, list[str]] = {_READS: [], _GIVES: []}
    for field, _, value in _fields(body):
        if field in names:
            names[field].append(value.decode())
    return _Node(raw, tuple(names[_READS]), tuple(names[_GIVES]))


def _name(body: bytes, field: int) -> str:
    return next((value.decode() for number, _, value in _fields(body) if number == field), "")


def _value(name: str, width: int) -> bytes:
    """A ValueInfoProto: float, (1, width, time)."""
    sizes = [_number_field(1, 1), _number_field(1, width), _bytes_field(2, b"time")]
    shape = b"".join(_bytes_field(1, size) for size in sizes)
    tensor = _number_field(1, _FLOAT) + _bytes_field(2, shape)
    return _bytes_field(1, name.encode()) + _bytes_field(2, _bytes_field(1, tensor))


# ------------------------------------------------------------ the wire


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field's number, all its bytes, and its content."""
    at = 0
    while at < len(message):
        begin = at
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            content = at
            _, at = _varint(message, at)
        elif kind == 2:
            size, content = _varint(message, at)
            at = content + size
        elif kind in (1, 5):
            content = at
            at += 8 if kind == 1 else 4
        else:
            raise ValueError("no protobuf message")
        yield key >> 3, message[begin:at], message[content:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("a protobuf message that is cut short")
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _number(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _number_field(field: int, value: int) -> bytes:
    return _number(field << 3) + _number(value)


def _bytes_field(field: int, value: bytes) -> bytes:
    return _number(field << 3 | 2) + _number(len(value)) + value
