"""The wire gives plain data back as it was, and survives whatever else comes."""

import contextlib
import math
import os
import random
import resource
import socket
import struct
import threading
import time

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as some_numpy

from autograder.engines.judge import tags, wire
from autograder.engines.judge.peer import OverdueError, Peer, PeerError

FUZZED = 10_000


def refuse(value):
    raise AssertionError(f"not sent by value: {value!r}")


def there_and_back(value, refer=refuse, resolve=refuse):
    frame = wire.dump(value, refer)
    tree, raw = wire.sizes(frame[: wire.HEADER.size])
    body = frame[wire.HEADER.size :]
    assert len(body) == tree + raw
    return wire.load(body[:tree], body[tree:], resolve)


scalars = (
    some.none()
    | some.booleans()
    | some.integers(-(2**200), 2**200)
    | some.floats(allow_nan=False)
    | some.complex_numbers(allow_nan=False)
    | some.text()
    | some.binary()
)
keys = some.none() | some.booleans() | some.integers() | some.text() | some.tuples(some.text())
data = some.recursive(
    scalars,
    lambda inner: some.lists(inner) | some.lists(inner).map(tuple) | some.dictionaries(keys, inner),
    max_leaves=30,
)


def same(a, b):
    assert type(a) is type(b)
    if type(a) in (list, tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            same(one, other)
    elif type(a) is dict:
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    else:
        assert repr(a) == repr(b)


@given(data)
def test_plain_data_comes_back_as_it_was(value):
    same(value, there_and_back(value))


@given(
    some_numpy.arrays(
        some.sampled_from(
            ["?", "i1", "u2", "<i8", ">i4", "f2", "f4", ">f8", "c8", "c16", "U3", "S2"]
        ),
        some_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_arrays_come_back_as_they_were(array):
    back = there_and_back([{"array": array.T}])[0]["array"]
    assert back.dtype == array.dtype
    assert back.shape == array.T.shape
    assert back.tobytes() == array.T.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize(
    "value",
    [
        [float(n) for n in range(100)] + [math.inf, -0.0],
        list(range(-50, 50)),
        [2**70] * 20,
        slice(1, None, 2),
        range(3, 9, 2),
        ...,
        pytest.param({1, 2, "x"}, id="set of several kinds"),  # its repr has no fixed order
        frozenset({3}),
        np.float32(0.5),
        np.bool_(True),
        np.str_("text"),
        np.dtype(">f4"),
        np.int8,
        ValueError,
        "\ud800",
    ],
    ids=repr,
)
def test_other_values_come_back_as_they_were(value):
    back = there_and_back(value)
    assert type(back) is type(value)
    assert back == value


def test_nan_read_only_arrays_and_random_generators():
    assert math.isnan(there_and_back(math.nan))
    array = np.ones(3)
    array.flags.writeable = False
    assert not there_and_back(array).flags.writeable
    draw = np.random.default_rng(5)
    assert there_and_back(draw).normal() == np.random.default_rng(5).normal()


@pytest.mark.parametrize("place", [-1, 625, 10**9])
def test_a_generator_that_reads_beyond_its_state_is_refused(place):
    generator = np.random.Generator(np.random.MT19937(1))
    state = generator.bit_generator.state
    state["state"]["pos"] = place
    generator.bit_generator.state = state
    with pytest.raises(wire.WireError, match="outside its state"):
        there_and_back(generator)


def test_tensors():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    back = there_and_back(
        [tensor, torch.nn.Parameter(torch.ones(2)), torch.ones(2, 0).bool()], lambda v: None
    )
    assert torch.equal(back[0], tensor)
    assert back[0].requires_grad
    assert type(back[1]) is torch.nn.Parameter
    assert back[2].shape == (2, 0)
    assert back[2].dtype is torch.bool


def test_what_is_no_plain_data_becomes_a_reference():
    class Float(float):
        pass

    reference = wire.Reference("student", 7, "object", "Thing", (("m", "Thing"),))
    for value in (Float(1), np.ma.masked_array([1]), np.array([None]), lambda: 0, object()):
        back = there_and_back([value], lambda v: reference, lambda found: ("found", found))
        assert back == [("found", reference)]


@pytest.mark.parametrize(
    "value",
    [1 << 100_000, [0] * 600_000 + [None], np.zeros(2**30, np.uint8)],
    ids=["int", "list", "array"],
)
def test_too_large_values_are_not_sent(value):
    with pytest.raises(wire.NotSendableError):
        wire.dump(value, refuse)


def test_a_list_in_itself_is_not_sent():
    value: list = []
    value.append(value)
    with pytest.raises(wire.NotSendableError, match="nested too deeply"):
        wire.dump(value, refuse)


HOSTILE = {
    "nothing": b"",
    "noise": b"\xc1",
    "deep": b"\x92\x00\x91" * 10_000,
    "deeper than C likes": b"\x91" * 100_000,
    "many empty maps": b"\xdd\x00\x07\xa1\x20" + b"\x80" * 500_000,
    "a map": b"\x81\x01\x02",
    "an extension": b"\xd4\x05\x00",
    "a time stamp": b"\xd6\xff\x00\x00\x00\x00",
    "an announced gigabyte": b"\xc6\x40\x00\x00\x00",
    "an announced long list": b"\xdd\xff\xff\xff\xff",
    "an unknown tag": b"\x91\x7f",
    "a tag that is no number": b"\x91\xa1x",
    "no tag": b"\x90",
    "an array that is not there": b"\x96\x07\xa3<f8\x91\xce\x7f\xff\xff\xff\x00\xcd\x7f\xff\xc3",
    "an array of objects": b"\x96\x07\xa2|O\x91\x01\x00\x08\xc3",
    "an array of records": b"\x96\x07\xa6i4,i4 \x91\x01\x00\x08\xc3",
    "a negative shape": b"\x96\x07\xa3<f8\x91\xff\x00\x00\xc3",
    "a class that is no data": b"\x93\x0e\xa8builtins\xa4type",
    "a module": b"\x93\x0e\xa2os\xa6system",
    "a field that is code": b"\x94\x0f\xa1P\x91\xa6x=f();\x91\x01",
    "an unhashable key": b"\x93\x02\x91\x92\x00\x90\x91\x01",
}


def big(number: int) -> list:
    """Write an integer as the wire does those beyond 64 bits."""
    return [tags.INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)]


ALIKE = [big(k * (2**61 - 1)) for k in range(8, 1008)]  # of one hash, each
HOSTILE |= {
    "a set of one hash": msgpack.packb([tags.SET, ALIKE]),
    "a frozen set of one hash": msgpack.packb([tags.FROZENSET, ALIKE]),
    "keys of one hash": msgpack.packb([tags.DICT, ALIKE, [0] * len(ALIKE)]),
    "a graph without its tensor": msgpack.packb([tags.REFERENCE, "student", 1, "graph", "", []]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_trees_are_refused(name):
    with pytest.raises(wire.WireError):
        wire.load(HOSTILE[name], b"", refuse)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"x" * 16,
        struct.pack("<4sIQ", tags.MAGIC, tags.MOST_TREE_BYTES + 1, 0),
        struct.pack("<4sIQ", tags.MAGIC, 0, tags.MOST_RAW_BYTES + 1),
    ],
)
def test_hostile_headers_are_refused(header):
    with pytest.raises(wire.WireError):
        wire.sizes(header)


def seeds():
    """Give frames of all kinds, to be mutated."""
    torch = __import__("torch")
    reference = wire.Reference("student", 1, "object", "C", (("m", "C"),))
    values = [
        [1, 2.5, None, True, "text", b"bytes", 2**70, 1j, {1}, frozenset({2}), slice(1), range(3)],
        {"a": np.eye(3), (1, "b"): np.arange(5, dtype=">i2"), None: np.array(["x", "yz"])},
        [float(n) for n in range(40)],
        list(range(40)),
        [np.float32(1), np.dtype("f4"), np.int8, ..., object()],
        np.random.default_rng(1),
        [torch.ones(2, 3), torch.nn.Parameter(torch.zeros(2))],
        [[[[[[["deep"]]]]]]],
    ]
    return [wire.dump(value, lambda _: reference) for value in values]


def mutated(frame: bytes, chooser: random.Random) -> tuple[bytes, bytes]:
    """Change some bytes of a frame, cut or repeat parts; gives tree and raw part."""
    tree, _ = wire.sizes(frame[: wire.HEADER.size])
    body = bytearray(frame[wire.HEADER.size :])
    tree += chooser.choice((0, 0, 0, -1, 1, 3))
    for _ in range(chooser.choice((1, 1, 2, 5, 20))):
        place = chooser.randrange(len(body) + 1)
        kind = chooser.randrange(5)
        if kind == 0 and place < len(body):
            body[place] = chooser.randrange(256)
        elif kind == 1 and place < len(body):
            body[place] ^= 1 << chooser.randrange(8)
        elif kind == 2:
            body[place:place] = chooser.randbytes(chooser.choice((1, 4, 9)))
        elif kind == 3:
            del body[place : place + chooser.choice((1, 2, 8))]
        else:
            end = place + chooser.randrange(20)
            body[place:place] = body[place:end] * chooser.choice((1, 3, 200))
    return bytes(body[:tree]), bytes(body[tree:])


def decode(tree: bytes, raw: bytes) -> bool:
    """Decode; gives whether there was a value. Anything but WireError is a failure."""
    try:
        wire.load(tree, raw, lambda reference: reference)
    except wire.WireError:
        return False
    return True


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.slow
def test_mutated_frames_take_bounded_time_and_memory():
    frames, chooser = seeds(), random.Random(20)
    assert all(
        decode(frame[16 : 16 + wire.sizes(frame[:16])[0]], b"") in (True, False) for frame in frames
    )
    before, slowest, read = peak_mb(), 0.0, 0
    for _ in range(FUZZED):
        parts = mutated(chooser.choice(frames), chooser)
        began = time.process_time()
        read += decode(*parts)
        slowest = max(slowest, time.process_time() - began)
    assert 0 < read < FUZZED
    assert slowest < 1.0
    assert peak_mb() - before < 200


@settings(
    max_examples=FUZZED, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(some.binary(max_size=300), some.binary(max_size=64))
@pytest.mark.slow
def test_random_bytes_are_a_value_or_refused(tree, raw):
    decode(tree, raw)


@pytest.mark.slow
def test_the_worst_trees_within_the_limits_take_bounded_time_and_memory():
    many = tags.MOST_ITEMS
    worst = [
        b"\xdd" + struct.pack(">I", many) + b"\x91\x00" * many,
        b"\xdd" + struct.pack(">I", many) + b"\x92\x01\x90" * many,
        b"\x92\x00\xdd" + struct.pack(">I", many) + b"\x92\x01\x90" * many,
        b"\x92\x00\xdd" + struct.pack(">I", many - 3) + b"\xcb\x3f\xf0\0\0\0\0\0\0" * (many - 3),
        b"\xdd\x00\x01\x00\x00" + (b"\xdd\x00\x00\x00\xff" + b"\x90" * 255) * 65_536,
    ]
    before = peak_mb()
    for tree in worst:
        assert len(tree) < 2 * tags.MOST_TREE_BYTES
        began = time.process_time()
        decode(tree, b"")
        assert time.process_time() - began < 5
    assert peak_mb() - before < 600


def peers(serve=lambda name, arguments: arguments, **options):
    """Connect a peer with a raw socket."""
    ours, theirs = socket.socketpair()
    peer = Peer(
        ours,
        refer=refuse,
        resolve=refuse,
        serve=serve,
        explain=lambda error: (type(error).__name__, str(error)),
        revive=lambda description: RuntimeError(description),
        **options,
    )
    return peer, theirs


REPLIES = {
    "noise": b"z" * 100,
    "a reply with two values": wire.dump(("reply", 1, 2), refuse),
    "a reply that is no tuple": wire.dump(["reply", 1], refuse),
    "another word": wire.dump(("answer", 1), refuse),
    "a request without arguments": wire.dump(("request", "f"), refuse),
    "half a frame": wire.dump(("reply", np.ones(9)), refuse)[:-3],
    "end": b"",
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_peer_that_talks_nonsense_is_given_up(name):
    peer, other = peers()
    other.sendall(REPLIES[name])
    other.shutdown(socket.SHUT_WR)
    peer.deadline = time.monotonic() + 5
    with pytest.raises(PeerError):
        peer.request("f")
    with pytest.raises(PeerError):
        peer.request("f")
    other.close()


@pytest.mark.parametrize("piece", [1, 7, 10**6], ids=["bytes", "pieces", "all at once"])
def test_messages_may_come_cut_or_together(piece):
    peer, other = peers()
    large = np.arange(300_000.0)
    said = [("request", "g", (1,)), ("reply", large[:50]), ("reply", large), ("reply", "last")]
    data = b"".join(wire.dump(message, refuse) for message in said)
    cut = 2000  # what follows comes as a whole: byte by byte it would take its time
    pieces = [data[at : min(at + piece, cut)] for at in range(0, cut, piece)] + [data[cut:]]
    sender = threading.Thread(target=lambda: [other.sendall(each) for each in pieces])
    sender.start()
    peer.deadline = time.monotonic() + 20
    np.testing.assert_array_equal(peer.request("f"), large[:50])
    np.testing.assert_array_equal(peer.request("f"), large)
    assert peer.request("f") == "last"
    sender.join()
    other.close()


def test_a_peer_that_says_nothing_is_given_up_in_time():
    peer, other = peers()
    peer.deadline = time.monotonic() + 0.2
    with pytest.raises(OverdueError):
        peer.request("f")
    other.close()


def test_a_peer_that_does_not_listen_is_given_up_in_time():
    peer, other = peers()
    peer.deadline = time.monotonic() + 0.3
    with pytest.raises(OverdueError):
        peer.request("f", np.zeros(2**24))
    other.close()


def test_a_large_announcement_takes_no_memory():
    peer, other = peers()
    other.sendall(wire.HEADER.pack(tags.MAGIC, 10, tags.MOST_RAW_BYTES) + b"\x01" * 20)
    other.shutdown(socket.SHUT_WR)
    before = peak_mb()
    with pytest.raises(PeerError):
        peer.request("f")
    assert peak_mb() - before < 50
    other.close()


def test_requests_go_to_and_fro():
    ours, theirs = socket.socketpair()
    made: dict[str, Peer] = {}

    def peer_on(connection, other, serve):
        return Peer(
            connection,
            refer=refuse,
            resolve=refuse,
            serve=serve,
            explain=lambda error: (type(error).__name__, str(error)),
            revive=lambda description: ZeroDivisionError(description[1]),
        )

    def count_down(name, arguments):
        (number,) = arguments
        return (
            0
            if number == 0
            else made[name].request("ours" if name == "theirs" else "theirs", number - 1) + 1
        )

    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            ours.close()
            made["theirs"] = peer_on(
                theirs, "ours", lambda n, a: count_down("theirs", a) if a[0] >= 0 else 1 // 0
            )
            made["theirs"].serve_forever()
        os._exit(0)
    theirs.close()
    made["ours"] = peer_on(ours, "theirs", lambda n, a: count_down("ours", a))
    assert made["ours"].request("theirs", 20) == 20
    with pytest.raises(ZeroDivisionError, match="division"):
        made["ours"].request("theirs", -1)
    ours.close()
    os.waitpid(child, 0)
