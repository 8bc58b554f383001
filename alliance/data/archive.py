"""The archive that a workbook is: looked through, measured, and packed again from the parts that were looked at.

What the archive says of itself is not believed. Each part is unpacked in pieces, only as far as its declared size, and
thrown away; then its packed bytes are copied to a new archive with the sizes that were found. So the library that reads
the workbook sees those parts and no others, whatever two readers might make of a strange archive.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from alliance.data.limits import Limits
from alliance.data.sheetscan import Part, Scan, TooMuch

if TYPE_CHECKING:
    import zipfile

_BLOCK = 1 << 16
_MEGABYTE = 1_000_000
_ENTRY = b"PK\x01\x02"  # begins every entry of an archive's list of parts
_OLD = b"\xd0\xcf\x11\xe0"  # begins an old workbook, and one with a password
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
# Pictures, charts, comments, programs and the like, which say nothing about cells
_LEFT_OUT = re.compile(
    "activex|charts|comments|ctrlprops|customproperty|diagrams|drawings|embeddings|externallinks|media|persons|"
    "pivotcache|pivottables|printersettings|querytables|richdata|slicercaches|slicers|tables|theme|threadedcomments|"
    "timelinecaches|timelines|webextensions"
)


class NotAWorkbook(Exception):
    """The file is not an archive that a workbook can be. The text says why."""


@dataclass(slots=True)
class Unpacked:
    """A workbook packed again, and what was found in each part, by its name in small letters."""

    data: io.BytesIO
    parts: dict[str, Part] = field(default_factory=dict)

    def sheet(self, name: str) -> Part:
        """What was found in a sheet; an empty part where the workbook does not say which part that is."""
        book, relations = self.parts.get(_WORKBOOK), self.parts.get(_RELATIONS)
        if book and relations:
            for sheet, relation in book.sheets:
                target = relations.relations.get(relation)
                if sheet == name and target:
                    return self.parts.get(posixpath.normpath(posixpath.join("/xl", target))[1:].lower(), Part())
        return Part()


def unpack(handle: BinaryIO, limits: Limits) -> Unpacked:
    """Looks through the archive. `NotAWorkbook` or `TooMuch` where it cannot or must not be read."""
    import zipfile

    _refuse_many(handle, limits)
    try:
        with zipfile.ZipFile(handle) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _refuse_declared(entries, limits)
        found, packer = Unpacked(io.BytesIO()), _Packer()
        elements = 0
        for entry in entries:
            if _kept(entry.filename):
                scan = Scan(limits, limits.elements - elements)
                packed, check = _look(handle, entry, scan)
                packer.add(found.data, entry, packed, check)
                found.parts[entry.filename.lower()] = scan.part
                elements += scan.elements
        packer.close(found.data)
    except (zipfile.BadZipFile, struct.error, EOFError, OSError, ValueError, NotImplementedError, UnicodeError):
        raise NotAWorkbook("it is damaged") from None
    if _WORKBOOK not in found.parts:
        raise NotAWorkbook("it is an archive without a workbook in it")
    return found


def _refuse_many(handle: BinaryIO, limits: Limits) -> None:
    """Counts the entries before the list of them is read, which takes half a kilobyte of memory for each."""
    if handle.read(4) == _OLD:
        raise NotAWorkbook("it is an old .xls workbook, or it has a password")
    handle.seek(0)
    count, tail = 0, b""
    while block := handle.read(1 << 20):
        count += (tail + block).count(_ENTRY)
        tail = block[-3:]
    handle.seek(0)
    if count > limits.parts:
        raise TooMuch(f"it has {count:,} parts")


def _refuse_declared(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = {entry.filename.lower() for entry in entries}
    if len(names) < len(entries):
        raise NotAWorkbook("two of its parts have one name")
    total = sum(entry.file_size for entry in entries)
    if total > limits.unpacked_bytes:
        raise TooMuch(f"it unpacks to {total:,} bytes")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise NotAWorkbook("it has a password")
        if entry.compress_type not in (0, 8):
            raise NotAWorkbook("it is packed in an unusual way")
        if entry.file_size > _MEGABYTE and entry.file_size > limits.part_ratio * entry.compress_size:
            raise TooMuch(f"a part of it unpacks to over {limits.part_ratio} times its size")


def _kept(name: str) -> bool:
    folder, _, rest = name.lower().partition("/")
    if not name.lower().endswith((".xml", ".rels")):
        return False
    if folder == "xl":
        return not _LEFT_OUT.fullmatch(rest.partition("/")[0])
    return folder in ("[content_types].xml", "_rels")


def _blocks(handle: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The packed bytes of a part."""
    handle.seek(entry.header_offset)
    header = _LOCAL.unpack(handle.read(_LOCAL.size))
    if header[0] != b"PK\x03\x04":
        raise NotAWorkbook("it is damaged")
    handle.seek(header[-2] + header[-1], io.SEEK_CUR)
    left = entry.compress_size
    while left:
        block = handle.read(min(left, _BLOCK))
        if not block:
            raise NotAWorkbook("it is damaged")
        left -= len(block)
        yield block


def _look(handle: BinaryIO, entry: zipfile.ZipInfo, scan: Scan) -> tuple[list[bytes], int]:
    """Unpacks a part to look through it; its packed bytes, and their checksum."""
    import xml.parsers.expat
    import zlib

    packed = list(_blocks(handle, entry))
    size = check = 0
    try:
        for piece in _pieces(packed, entry.compress_type == 0):
            size += len(piece)
            if size > entry.file_size:
                raise TooMuch("a part of it unpacks to more than it declares")
            check = zlib.crc32(piece, check)
            scan.feed(piece)
        if size != entry.file_size or check != entry.CRC:
            raise NotAWorkbook("it is damaged")
        scan.feed(b"", last=True)
    except zlib.error:
        raise NotAWorkbook("it is damaged") from None
    except xml.parsers.expat.ExpatError:
        raise NotAWorkbook("its XML is damaged") from None
    return packed, check


def _pieces(packed: list[bytes], stored: bool) -> Iterator[bytes]:
    """The unpacked bytes, a little at a time."""
    import zlib

    if stored:
        yield from packed
        return
    unpacker = zlib.decompressobj(-15)
    for left in packed:
        if unpacker.eof:
            raise NotAWorkbook("it is damaged")
        while left:
            yield unpacker.decompress(left, _BLOCK)
            left = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof or unpacker.unused_data:
        raise NotAWorkbook("it is damaged")


class _Packer:
    """Writes an archive of packed parts, with one plain header each."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def add(self, to: io.BytesIO, entry: zipfile.ZipInfo, packed: list[bytes], check: int) -> None:
        name = entry.filename.encode("utf-8")
        common = (20, 0x800, entry.compress_type, 0, 0x21, check, entry.compress_size, entry.file_size, len(name), 0)
        offset = to.tell()
        to.write(_LOCAL.pack(b"PK\x03\x04", *common) + name)
        to.writelines(packed)
        self.entries.append(_CENTRAL.pack(_ENTRY, 20, *common, 0, 0, 0, 0, offset) + name)

    def close(self, to: io.BytesIO) -> None:
        start, count = to.tell(), len(self.entries)
        to.writelines(self.entries)
        to.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, to.tell() - start, start, 0))
        to.seek(0)
